import { Hono } from "hono";

import { findAssistant } from "../objects/assistant.ts";
import { findRun, type RunRow, showRun } from "../objects/run.ts";
import { showThread } from "../objects/thread.ts";
import { parseBody } from "../requests/parse.ts";
import {
  createRun as runCreation,
  createThreadAndRun as threadAndRunCreation,
  submitToolOutputs,
} from "../requests/run.ts";
import { submit } from "../runs/claims.ts";
import { createRun, createThreadAndRun } from "../runs/create.ts";
import { announceRun, announceStep } from "../runs/events.ts";
import { settleOverdue } from "../runs/resume.ts";
import { streamEvents } from "../runs/sse.ts";
import { pastOverdue, refuseWhenLeaving, type RouteContext } from "./context.ts";

/** The three requests that put a run to work. This process claims it as it stores it, and starts at once. */
export function launchRoutes(context: RouteContext): Hono {
  const { database, owner, hub, clock, runLifetime: lifetime } = context;
  const routes = new Hono();

  routes.post("/runs", async ({ req }) => {
    const {
      thread: threadFields = {},
      tool_resources: _,
      ...fields
    } = await parseBody(req.raw, threadAndRunCreation);
    refuseWhenLeaving(context);
    const assistant = await findAssistant(database, fields.assistant_id);
    const creation = { assistant, fields, owner: owner.id, at: clock(), lifetime };
    const { thread, run } = await createThreadAndRun(database, threadFields, creation);
    return launch(context, run, streamed(req.raw, fields), () => {
      hub.publish(run.id, { event: "thread.created", data: showThread(thread) });
      hub.publish(run.id, { event: "thread.run.created", data: showRun(run) });
    });
  });

  routes.post("/:thread/runs", async ({ req }) => {
    const fields = await parseBody(req.raw, runCreation);
    refuseWhenLeaving(context);
    const assistant = await findAssistant(database, fields.assistant_id);
    const threadId = req.param("thread");
    const run = await pastOverdue(context, () =>
      createRun(database, threadId, { assistant, fields, owner: owner.id, at: clock(), lifetime }),
    );
    return launch(context, run, streamed(req.raw, fields), () => {
      hub.publish(run.id, { event: "thread.run.created", data: showRun(run) });
    });
  });

  routes.post("/:thread/runs/:id/submit_tool_outputs", async ({ req }) => {
    const { tool_outputs: outputs, ...options } = await parseBody(req.raw, submitToolOutputs);
    refuseWhenLeaving(context);
    const { thread: threadId, id: runId } = req.param();
    await settleOverdue(context, await findRun(database, threadId, runId));
    const { run, step } = await database.transaction((sql) =>
      submit(sql, { threadId, runId }, outputs, owner.id, clock()),
    );
    return launch(context, run, streamed(req.raw, options), () => announceStep(hub, step));
  });

  return routes;
}

/**
 * Announces and starts a run that was just stored, streaming it until `signal` aborts. Nothing waits between
 * subscribing and starting, so no event is missed.
 */
function launch(
  { hub, executor }: RouteContext,
  run: RunRow,
  signal: AbortSignal | undefined,
  announce: () => void,
): Response {
  const body = signal && streamEvents(hub.subscribe(run.id), signal);
  announce();
  announceRun(hub, run);
  executor.start(run);
  return body ?? Response.json(showRun(run));
}

/** The signal that ends the stream, where the request asks for one. */
function streamed(
  request: Request,
  { stream }: { readonly stream?: boolean | null | undefined },
): AbortSignal | undefined {
  return stream === true ? request.signal : undefined;
}
