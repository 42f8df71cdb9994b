import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type OpenAI from "openai";
import { Client } from "pg";
import { expect, test } from "vitest";

import { untilStatus } from "../doubles/assistants.ts";
import { startProcess } from "../doubles/assistants-process.ts";
import { createDatabase, hasPostgres } from "../doubles/database.ts";
import { createModelEndpoint, type ModelEndpoint } from "../doubles/model-endpoint.ts";

const NEVER = new Promise<never>(() => {});

/** A model that gets stuck as the question tells it, until it is told to go on. */
async function createStuckModel(): Promise<{
  readonly endpoint: ModelEndpoint;
  readonly goOn: () => void;
}> {
  let stuck = true;
  const endpoint = await createModelEndpoint({
    answer({ question, outputs }) {
      const calls = question.includes("tool") && outputs.length === 0;
      if (calls) return [{ call: { name: "look" } }];
      if (!stuck) return `Answer: ${[question, ...outputs].join(" ")}`;
      return question.includes("text") ? [{ text: "It was" }, { wait: NEVER }] : [{ wait: NEVER }];
    },
  });
  return { endpoint, goOn: () => (stuck = false) };
}

interface Begun {
  readonly thread: string;
  readonly run: string;
}

/** Starts a run on a thread of its own. */
async function begin(client: OpenAI, assistant: string, question: string): Promise<Begun> {
  const run = await client.beta.threads.createAndRun({
    assistant_id: assistant,
    thread: { messages: [{ role: "user", content: question }] },
  });
  return { thread: run.thread_id, run: run.id };
}

async function submit(client: OpenAI, { thread, run }: Begun): Promise<void> {
  const found = await untilStatus(client, thread, run, "requires_action");
  const [call] = found.required_action?.submit_tool_outputs.tool_calls ?? [];
  const outputs = [{ tool_call_id: call?.id ?? "", output: "found" }];
  await client.beta.threads.runs.submitToolOutputs(run, {
    thread_id: thread,
    tool_outputs: outputs,
  });
}

/** Four runs, each at another point of its life. */
async function reachEveryState(client: OpenAI, endpoint: ModelEndpoint) {
  const { id: assistant } = await client.beta.assistants.create({
    model: "test-model",
    tools: [{ type: "function", function: { name: "look" } }],
  });
  const silent = await begin(client, assistant, "silent");
  const text = await begin(client, assistant, "text");
  const waiting = await begin(client, assistant, "tool, waiting");
  const submitted = await begin(client, assistant, "tool, submitted");
  await submit(client, submitted);
  await untilStatus(client, waiting.thread, waiting.run, "requires_action");
  const asked = (question: string, outputs: number): boolean =>
    endpoint.requests.some((each) => each.question === question && each.outputs.length === outputs);
  await expect
    .poll(() => asked("silent", 0) && asked("tool, submitted", 1), { timeout: 5_000, interval: 10 })
    .toBe(true);
  await expect
    .poll(() => textsOf(client, text), { timeout: 5_000, interval: 20 })
    .toEqual(["It was"]);
  return { assistant, silent, text, waiting, submitted };
}

/** What a run wrote, oldest first. */
async function textsOf(client: OpenAI, { thread, run }: Begun): Promise<string[]> {
  const { data } = await client.beta.threads.messages.list(thread, { run_id: run, order: "asc" });
  return data.flatMap(({ content }) =>
    content.map((part) => (part.type === "text" ? part.text.value : part.type)),
  );
}

const STORES = [
  {
    name: "PGlite",
    skip: false,
    open: async () => {
      const folder = await mkdtemp(join(tmpdir(), "patchbay-kill-"));
      return { store: { DATA_DIR: folder }, close: () => rm(folder, { recursive: true }) };
    },
  },
  {
    name: "Postgres",
    skip: !hasPostgres,
    open: async () => {
      const empty = await createDatabase();
      return { store: { DATABASE_URL: empty.url }, close: () => empty.drop() };
    },
  },
] as const;

for (const { name, skip, open } of STORES) {
  test.skipIf(skip)(`kill -9 loses no run and locks no thread, on ${name}`, async () => {
    const { endpoint, goOn } = await createStuckModel();
    await using _ = endpoint;
    const { store, close } = await open();
    try {
      await using first = await startProcess(endpoint, store);
      const { assistant, silent, text, waiting, submitted } = await reachEveryState(
        first.client,
        endpoint,
      );
      await first.kill();
      goOn();
      await using second = await startProcess(endpoint, store);
      const { client } = second;
      const { runs } = client.beta.threads;

      await untilStatus(client, silent.thread, silent.run, "completed");
      expect(await textsOf(client, silent)).toEqual(["Answer: silent"]);

      await untilStatus(client, text.thread, text.run, "completed");
      expect(await textsOf(client, text)).toEqual(["It was", "Answer: text"]);
      const steps = await runs.steps.list(text.run, { thread_id: text.thread, order: "asc" });
      expect(steps.data.map(({ status }) => status)).toEqual(["failed", "completed"]);

      await untilStatus(client, submitted.thread, submitted.run, "completed");
      expect(await textsOf(client, submitted)).toEqual(["Answer: tool, submitted found"]);

      // Nobody has answered this one yet, so it still waits; then it goes on as if nothing had happened.
      await submit(client, waiting);
      await untilStatus(client, waiting.thread, waiting.run, "completed");
      expect(await textsOf(client, waiting)).toEqual(["Answer: tool, waiting found"]);

      for (const { thread } of [silent, text, waiting, submitted]) {
        await client.beta.threads.messages.create(thread, { role: "user", content: "More" });
        const run = await runs.create(thread, { assistant_id: assistant });
        await untilStatus(client, thread, run.id, "completed");
      }
    } finally {
      await close();
    }
  });
}

test.skipIf(!hasPostgres)("a run that is still queued at kill -9 is executed", async () => {
  const { endpoint, goOn } = await createStuckModel();
  await using _ = endpoint;
  goOn();
  const empty = await createDatabase();
  const database = new Client({ connectionString: empty.url });
  try {
    await using first = await startProcess(endpoint, { DATABASE_URL: empty.url });
    await database.connect();
    // Between its creation and its start a run is queued for a moment only; the lock makes that moment last.
    await database.query(`
      create function hold() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(4711); return new; end $$;
      create trigger hold before update on run for each row when (new.status = 'in_progress') execute function hold();
      select pg_advisory_lock(4711)`);
    const { id } = await first.client.beta.assistants.create({ model: "test-model" });
    const { thread, run } = await begin(first.client, id, "queued");
    await first.kill();
    // Postgres would still carry out the statement of the dead process, once it got the lock.
    await database.query(`
      select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted;
      drop trigger hold on run`);
    const before = await database.query("select status from run");
    expect(before.rows).toEqual([{ status: "queued" }]);
    expect(endpoint.requests).toHaveLength(0);
    await using second = await startProcess(endpoint, { DATABASE_URL: empty.url });
    await untilStatus(second.client, thread, run, "completed");
    expect(endpoint.requests).toHaveLength(1);
  } finally {
    await database.end();
    await empty.drop();
  }
});
