import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import OpenAI from "openai";
import { Client } from "pg";

import { createAssistantsClient } from "../src/assistants/client.ts";
import { createModel } from "../src/assistants/models/index.ts";
import { createAssistantsServer } from "../src/assistants/server.ts";
import { createLog } from "../src/log.ts";
import { migrate } from "../src/store/migrate.ts";
import { becomeOwner } from "../src/store/owner.ts";
import { type Database, openDatabase } from "../src/store/pool.ts";

/** One answer as its client saw it: milliseconds from the request to the first word and to the end. */
export interface Answered {
  readonly first: number;
  readonly last: number;
}

/** Something that answers questions: the endpoint itself, or the server before it. */
export interface Subject {
  readonly name: string;
  /** `model` tells the endpoint how to answer. */
  ask(model: string): Promise<Answered>;
}

export interface ServerSubject extends Subject, AsyncDisposable {
  readonly client: OpenAI;
  readonly database: Database;
  readonly assistant: string;
}

/** Starts the model endpoint; resolves with its base URL. */
export async function startEndpoint(): Promise<AsyncDisposable & { readonly url: string }> {
  const program = fileURLToPath(new URL("./assistants-endpoint.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const url of createInterface(child.stdout)) {
    return {
      url,
      async [Symbol.asyncDispose]() {
        child.kill();
      },
    };
  }
  throw new Error("The model endpoint did not start.");
}

export function askDirectly(url: string): Subject {
  const client = new OpenAI({ baseURL: url, apiKey: "bench", maxRetries: 0 });
  return {
    name: "the endpoint itself",
    async ask(model) {
      const began = performance.now();
      let first = Number.NaN;
      const stream = await client.chat.completions.create({
        model,
        messages: [{ role: "user", content: "Hello" }],
        stream: true,
        stream_options: { include_usage: true },
      });
      for await (const chunk of stream) {
        if (Number.isNaN(first) && chunk.choices[0]?.delta.content)
          first = performance.now() - began;
      }
      return { first, last: performance.now() - began };
    },
  };
}

export async function openSubject(
  name: string,
  endpoint: string,
  databaseUrl: string | undefined,
): Promise<ServerSubject> {
  await using opened = new AsyncDisposableStack();
  const log = createLog("warn");
  const database = opened.use(await openDatabase({ url: databaseUrl }));
  await migrate(database);
  const owner = opened.use(await becomeOwner(database, log));
  const model = createModel({ kind: "chat", baseURL: endpoint });
  const server = opened.use(createAssistantsServer({ database, owner, models: () => model, log }));
  await server.start();
  const client = createAssistantsClient({ server });
  const { id: assistant } = await client.beta.assistants.create({ model: "bench" });
  const held = opened.move();
  return {
    name,
    client,
    database,
    assistant,
    ask: (asked) =>
      watch(
        client.beta.threads.createAndRun({
          assistant_id: assistant,
          model: asked,
          stream: true,
          thread: { messages: [{ role: "user", content: "Hello" }] },
        }),
      ),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

export async function watch(
  asked: Promise<AsyncIterable<OpenAI.Beta.AssistantStreamEvent>>,
): Promise<Answered> {
  const began = performance.now();
  let first = Number.NaN;
  let last = Number.NaN;
  for await (const { event } of await asked) {
    if (event === "thread.message.delta" && Number.isNaN(first)) first = performance.now() - began;
    if (event === "thread.run.completed") last = performance.now() - began;
  }
  if (Number.isNaN(last)) throw new Error("A run did not complete.");
  return { first, last };
}

/** A database of its own on the Postgres at `server`; undefined where none answers. */
export async function createPostgres(
  server: string,
): Promise<(AsyncDisposable & { readonly url: string }) | undefined> {
  const name = `patchbay_bench_${randomBytes(4).toString("hex")}`;
  const administer = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: server, connectionTimeoutMillis: 2_000 });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  try {
    await administer(`create database ${name}`);
  } catch {
    return undefined;
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => administer(`drop database if exists ${name} with (force)`),
  };
}
