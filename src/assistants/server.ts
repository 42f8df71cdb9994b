import { Hono } from "hono";

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Owner } from "../store/owner.ts";
import type { Database } from "../store/pool.ts";
import { ApiError, SORRY } from "./errors.ts";
import { newId } from "./ids.ts";
import type { Model } from "./models/model.ts";
import { assistantRoutes } from "./routes/assistants.ts";
import type { RouteContext } from "./routes/context.ts";
import { launchRoutes } from "./routes/launches.ts";
import { messageRoutes } from "./routes/messages.ts";
import { runRoutes } from "./routes/runs.ts";
import { stepRoutes } from "./routes/steps.ts";
import { threadRoutes } from "./routes/threads.ts";
import { createEventHub } from "./runs/events.ts";
import { createExecutor } from "./runs/executor.ts";
import { createReaper } from "./runs/reaper.ts";

export interface AssistantsServerOptions {
  /** Migrated. */
  readonly database: Database;
  /** This process: its runs are others' to take over once its lock is gone. */
  readonly owner: Owner;
  /** The model that a run's `model` names. Whatever it throws fails the run. */
  readonly models: (modelName: string) => Model;
  /** For assistants that are created without a model; without it, `model` is required, as the contract says. */
  readonly defaultModel?: string | undefined;
  /** Tokens of the models' context; 128,000 where not given. */
  readonly contextTokens?: number | undefined;
  /** Seconds after its creation when a run expires; 600 where not given, as on the hosted API. */
  readonly runLifetime?: number | undefined;
  /** Milliseconds since 1970; tests set it. */
  readonly now?: (() => number) | undefined;
  readonly log: Log;
  /** Milliseconds between two looks at unfinished runs; 1,000 where not given. */
  readonly tick?: number | undefined;
}

/**
 * An Assistants API (v2) server. It checks no keys: whoever serves it over HTTP puts `requireApiKey` before it.
 */
export interface AssistantsServer extends AsyncDisposable {
  /** Serves paths under /v1. */
  fetch(request: Request): Promise<Response>;
  /** Takes over what earlier processes left, and sees to unfinished runs from then on. */
  start(): Promise<void>;
  /** Takes no more work and waits for its runs; when `signal` aborts, the rest is left to others or the next start. */
  drain(signal: AbortSignal): Promise<void>;
}

export function createAssistantsServer(options: AssistantsServerOptions): AssistantsServer {
  const {
    database,
    owner,
    models,
    log,
    defaultModel,
    contextTokens = 128_000,
    runLifetime = 600,
    now = Date.now,
  } = options;
  const clock = (): number => Math.floor(now() / 1_000);
  const hub = createEventHub();
  const executor = createExecutor({ database, hub, models, contextTokens, clock, log });
  const reaper = createReaper({ database, owner, hub, executor, clock, log, tick: options.tick });
  let leaving = false;

  const app = createApp(log, {
    database,
    owner,
    hub,
    executor,
    clock,
    defaultModel,
    runLifetime,
    leaving: () => leaving,
  });

  async function drain(signal: AbortSignal): Promise<void> {
    leaving = true;
    await reaper[Symbol.asyncDispose]();
    await executor.drain(signal);
    // What was released is taken up at once by those who hear this, and by the others within a second.
    await owner.notify("run").catch((error: unknown) => {
      log.warn(
        { error: messageOf(error) },
        "the other processes could not be told of released runs",
      );
    });
  }

  return {
    fetch: async (request) => app.fetch(request),
    start: () => reaper.start(),
    drain,
    [Symbol.asyncDispose]: () => drain(AbortSignal.abort()),
  };
}

function createApp(log: Log, context: RouteContext): Hono {
  const app = new Hono().basePath("/v1");

  app.use(async (c, next) => {
    await next();
    c.res.headers.set("x-request-id", newId("req"));
  });
  app.route("/assistants", assistantRoutes(context));
  // Before the threads' own routes: /threads/runs would otherwise be the thread named "runs".
  app.route("/threads", launchRoutes(context));
  app.route("/threads", runRoutes(context));
  app.route("/threads", stepRoutes(context));
  app.route("/threads", messageRoutes(context));
  app.route("/threads", threadRoutes(context));

  app.notFound(({ req }) => {
    const error = new ApiError(404, `Invalid URL (${req.method} ${req.path})`);
    return Response.json({ error: error.body }, { status: 404 });
  });
  app.onError((error) => {
    const known = error instanceof ApiError ? error : translate(error);
    if (known.status === 500) log.error({ err: error }, "a request failed");
    return Response.json({ error: known.body }, { status: known.status });
  });
  return app;
}

/** Postgres' code for text that holds U+0000, which no name or instruction can. */
const BAD_TEXT = "22021";

function translate(error: Error): ApiError {
  if ("code" in error && error.code === BAD_TEXT) {
    return new ApiError(400, "The request holds a null character (U+0000) where text is expected.");
  }
  return new ApiError(500, SORRY);
}
