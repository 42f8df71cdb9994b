import { afterAll, beforeAll, expect, test } from "vitest";

import { findAssistant } from "../../src/assistants/objects/assistant.ts";
import { createRun } from "../../src/assistants/runs/create.ts";
import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare, untilStatus } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";
import { call, createGate, end, hanging, saying, type Script, text } from "../doubles/model.ts";

const askOnce: Script = (_, count) =>
  count === 0 ? [...call(0, "f", {}), end("tool_calls")] : [...text("Never."), end()];

/** Two processes on one database: the first is stuck, dies, and comes back to life when all is over. */
onEachDatabase((backend) => {
  let database: Database;
  beforeAll(async () => {
    database = await backend.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const fast = { tick: 10 };

  test("a run that was queued when its process died is started by another", async () => {
    await using first = await openProcess(database);
    await using second = await openProcess(database, saying("Second."), fast);
    const { assistant, thread } = await prepare(first.client);
    // The moment between a run's creation and its start cannot be hit from outside.
    const run = await createRun(database, thread, {
      assistant: await findAssistant(database, assistant),
      fields: { assistant_id: assistant },
      owner: first.owner.id,
      at: Math.floor(Date.now() / 1_000),
      lifetime: 600,
    });
    await first.die();
    await second.server.start();
    expect(await untilStatus(second.client, thread, run.id, "completed")).toMatchObject({
      last_error: null,
    });
    expect(second.model.requests).toHaveLength(1);
  });

  test("a run that waited for its first token when its process died is asked again", async () => {
    const gate = createGate();
    await using first = await openProcess(database, async function* () {
      await gate.pass();
      yield* text("Too late.");
      yield end();
    });
    await using second = await openProcess(database, saying("Second."), fast);
    const { assistant, thread } = await prepare(first.client);
    const run = await first.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    await gate.reached;
    await first.die();
    await second.server.start();
    await untilStatus(second.client, thread, run.id, "completed");
    gate.open();
    await first.server.drain(AbortSignal.timeout(5_000));
    const { data } = await second.client.beta.threads.messages.list(thread, { run_id: run.id });
    expect(data.map((message) => message.content)).toMatchObject([
      [{ text: { value: "Second." } }],
    ]);
  });

  test("a text that was cut off is ended and written again in a new step, unseen by the model", async () => {
    const gate = createGate();
    await using first = await openProcess(database, async function* () {
      yield* text("It was a dark");
      await gate.pass();
      yield* text(" and stormy night");
      yield end();
    });
    await using second = await openProcess(database, saying("Second."), fast);
    const { assistant, thread } = await prepare(first.client);
    const { runs, messages } = second.client.beta.threads;
    const stream = await first.client.beta.threads.runs.create(thread, {
      assistant_id: assistant,
      stream: true,
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { event } of stream) seen.push(event);
    })();
    await gate.reached;
    const [run] = (await runs.list(thread)).data;
    await first.die();
    await second.server.start();
    await untilStatus(second.client, thread, run?.id ?? "", "completed");

    const wrote = await messages.list(thread, { run_id: run?.id ?? "", order: "asc" });
    expect(wrote.data).toMatchObject([
      { status: "incomplete", incomplete_details: { reason: "run_failed" } },
      { status: "completed", content: [{ text: { value: "Second." } }] },
    ]);
    const steps = await runs.steps.list(run?.id ?? "", { thread_id: thread, order: "asc" });
    expect(steps.data.map(({ status }) => status)).toEqual(["failed", "completed"]);
    expect(second.model.requests[0]?.items).toHaveLength(1);

    // The dead process was only frozen: it goes on writing, and nothing of that arrives.
    const before = await snapshot(database, thread);
    gate.open();
    await expect(reading).rejects.toThrow("no longer executes the run");
    expect(seen.at(-1)).toBe("thread.message.delta");
    expect(await snapshot(database, thread)).toEqual(before);
  });

  test("a run that waits for tool outputs is left alone, and any process takes the outputs", async () => {
    await using first = await openProcess(database, askOnce);
    await using second = await openProcess(database, saying("Second."), fast);
    const { assistant, thread } = await prepare(first.client);
    const run = await first.client.beta.threads.runs.createAndPoll(thread, {
      assistant_id: assistant,
    });
    await first.die();
    await second.server.start();
    const [asked] = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    const { runs } = second.client.beta.threads;
    expect(await runs.retrieve(run.id, { thread_id: thread })).toMatchObject({
      status: "requires_action",
    });
    expect(second.model.requests).toHaveLength(0);
    await runs.submitToolOutputs(run.id, {
      thread_id: thread,
      tool_outputs: [{ tool_call_id: asked?.id ?? "", output: "42" }],
    });
    await untilStatus(second.client, thread, run.id, "completed");
    expect(second.model.requests[0]?.items.at(-1)).toMatchObject({
      type: "tool_output",
      output: "42",
    });
  });

  test("outputs that were submitted to a process that died are not asked for again", async () => {
    const gate = createGate();
    await using first = await openProcess(database, async function* (_, count) {
      if (count > 0) await gate.pass();
      yield* call(0, "f", {});
      yield end("tool_calls");
    });
    await using second = await openProcess(database, saying("Second."), fast);
    const { assistant, thread } = await prepare(first.client);
    const { runs } = first.client.beta.threads;
    const run = await runs.createAndPoll(thread, { assistant_id: assistant });
    const [asked] = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    const outputs = [{ tool_call_id: asked?.id ?? "", output: "42" }];
    await runs.submitToolOutputs(run.id, { thread_id: thread, tool_outputs: outputs });
    await gate.reached;
    await first.die();
    await second.server.start();
    await untilStatus(second.client, thread, run.id, "completed");
    expect(second.model.requests[0]?.items.map(({ type }) => type)).toEqual([
      "message",
      "tool_call",
      "tool_output",
    ]);
    const steps = await second.client.beta.threads.runs.steps.list(run.id, {
      thread_id: thread,
      order: "asc",
    });
    expect(steps.data.map(({ type }) => type)).toEqual(["tool_calls", "message_creation"]);
    gate.open();
  });

  test("a run whose process dies twice in the middle of it is given up", async () => {
    await using first = await openProcess(database, hanging());
    await using second = await openProcess(database, hanging(), fast);
    await using third = await openProcess(database, hanging(), fast);
    const { assistant, thread } = await prepare(first.client);
    const asked = first.model.asked();
    const run = await first.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    await asked;
    await first.die();
    const askedAgain = second.model.asked();
    await second.server.start();
    await askedAgain;
    await second.die();
    await third.server.start();
    expect(await untilStatus(third.client, thread, run.id, "failed")).toMatchObject({
      last_error: { code: "server_error", message: expect.stringContaining("interrupted") },
    });
    expect(third.model.requests).toHaveLength(0);
  });

  test("a run that was being cancelled when its process died ends cancelled", async () => {
    const gate = createGate();
    await using first = await openProcess(database, async function* () {
      yield* text("Well");
      await gate.pass();
    });
    await using second = await openProcess(database, saying("Second."), fast);
    const { assistant, thread } = await prepare(first.client);
    const run = await first.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    await gate.reached;
    await first.die();
    await second.client.beta.threads.runs.cancel(run.id, { thread_id: thread });
    await second.server.start();
    await untilStatus(second.client, thread, run.id, "cancelled");
    expect((await second.client.beta.threads.messages.list(thread)).data[0]).toMatchObject({
      incomplete_details: { reason: "run_cancelled" },
    });
    gate.open();
  });

  test("a run whose end could not be stored is taken up again by its own process", async () => {
    let failures = 2;
    const unsteady: Database = {
      ...database,
      query(statement, values) {
        const ends = statement.includes("select to_json(held)");
        if (ends && failures-- > 0) return Promise.reject(new Error("the store is away"));
        return database.query(statement, values);
      },
    };
    await using here = await openProcess(unsteady, saying("Again."), fast);
    await here.server.start();
    const { assistant, thread } = await prepare(here.client);
    const run = await here.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    await untilStatus(here.client, thread, run.id, "completed");
    const { data } = await here.client.beta.threads.messages.list(thread, { run_id: run.id });
    expect(data.map(({ status }) => status)).toEqual(["completed", "incomplete"]);
  });

  test("a server that leaves hands its runs to another at once", async () => {
    await using first = await openProcess(database, hanging());
    await using second = await openProcess(database, saying("Second."), fast);
    await second.server.start();
    const { assistant, thread } = await prepare(first.client);
    const asked = first.model.asked();
    const run = await first.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    await asked;
    await first.server.drain(AbortSignal.abort());
    await untilStatus(second.client, thread, run.id, "completed");
    await expect(
      first.client.beta.threads.runs.create(thread, { assistant_id: assistant }),
    ).rejects.toMatchObject({
      status: 503,
    });
  });

  test.runIf(backend.name === "Postgres")(
    "a run is cancelled through a process that does not execute it",
    async () => {
      await using first = await openProcess(database, hanging(), { tick: 60_000 });
      await using second = await openProcess(database);
      await first.server.start();
      const { assistant, thread } = await prepare(first.client);
      const asked = first.model.asked();
      const run = await first.client.beta.threads.runs.create(thread, { assistant_id: assistant });
      await asked;
      await second.client.beta.threads.runs.cancel(run.id, { thread_id: thread });
      const ended = await untilStatus(second.client, thread, run.id, "cancelled");
      expect(ended.cancelled_at).not.toBeNull();
    },
  );
});

/** Everything that is stored about a thread. */
async function snapshot(database: Database, thread: string): Promise<unknown> {
  const rows = async (table: string) =>
    (await database.query(`select * from ${table} where thread_id = $1 order by seq`, [thread]))
      .rows;
  return {
    runs: await rows("run"),
    steps: await rows("run_step"),
    messages: await rows("message"),
  };
}
