import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare, untilStatus } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";
import { call, createGate, end, type Script, text } from "../doubles/model.ts";

const weather = {
  type: "function",
  function: { name: "get_weather", parameters: { type: "object", properties: {} } },
} as const;

/** Calls two functions, then tells what they gave. */
const askThenTell: Script = (request) => {
  const output = request.items.findLast((item) => item.type === "tool_output");
  return output === undefined
    ? [
        ...call(0, "get_weather", { city: "Bern" }),
        ...call(1, "get_weather", { city: "Kyoto" }),
        end("tool_calls"),
      ]
    : [...text("It is ", output.output), end()];
};

async function collect(stream: AsyncIterable<OpenAI.Beta.AssistantStreamEvent>) {
  const names: string[] = [];
  const events: OpenAI.Beta.AssistantStreamEvent[] = [];
  for await (const event of stream) {
    if (event.event !== names.at(-1)) names.push(event.event);
    events.push(event);
  }
  return { names, events };
}

const PLAIN = [
  "thread.run.created",
  "thread.run.queued",
  "thread.run.in_progress",
  "thread.run.step.created",
  "thread.run.step.in_progress",
  "thread.message.created",
  "thread.message.in_progress",
  "thread.message.delta",
  "thread.message.completed",
  "thread.run.step.completed",
  "thread.run.completed",
];

onEachDatabase((backend) => {
  let database: Database;
  beforeAll(async () => {
    database = await backend.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("a plain run streams its events in the recorded order and stores what it streamed", async () => {
    await using here = await openProcess(database);
    const { assistant, thread } = await prepare(here.client, { instructions: "Be brief." });
    const stream = here.client.beta.threads.runs.stream(thread, { assistant_id: assistant });
    const { names, events } = await collect(stream);
    expect(names).toEqual(PLAIN);
    expect((await stream.finalRun()).usage).toEqual({
      prompt_tokens: 20,
      completion_tokens: 11,
      total_tokens: 31,
    });
    const deltas = events.flatMap((event) =>
      event.event === "thread.message.delta" ? [event.data.delta] : [],
    );
    expect(deltas).toEqual([
      { content: [{ index: 0, type: "text", text: { value: "Hello", annotations: [] } }] },
      { content: [{ index: 0, type: "text", text: { value: " there." } }] },
    ]);
    const [answer] = (await here.client.beta.threads.messages.list(thread)).data;
    expect(answer).toMatchObject({ role: "assistant", status: "completed" });
    expect(answer?.content).toEqual([
      { type: "text", text: { value: "Hello there.", annotations: [] } },
    ]);
    expect(here.model.requests[0]).toMatchObject({
      model: "test-model",
      instructions: "Be brief.",
      items: [{ type: "message", role: "user", content: [{ type: "text", text: "Hi" }] }],
    });
  });

  test("calls of one answer are asked for together, and their outputs lead to the answer", async () => {
    await using here = await openProcess(database, askThenTell);
    const { runs } = here.client.beta.threads;
    const { assistant, thread } = await prepare(here.client, { tools: [weather] });
    const first = runs.stream(thread, { assistant_id: assistant });
    const asked = await collect(first);
    expect(asked.names).toEqual([
      ...PLAIN.slice(0, 5),
      "thread.run.step.delta",
      "thread.run.requires_action",
    ]);
    const waiting = await first.finalRun();
    const calls = waiting.required_action?.submit_tool_outputs.tool_calls ?? [];
    expect(calls.map((each) => JSON.parse(each.function.arguments))).toEqual([
      { city: "Bern" },
      { city: "Kyoto" },
    ]);
    const [step] = await first.finalRunSteps();
    expect(step?.step_details).toMatchObject({ type: "tool_calls", tool_calls: calls });

    const outputs = calls.map(({ id }) => ({ tool_call_id: id, output: "sunny" }));
    const second = runs.submitToolOutputsStream(waiting.id, {
      thread_id: thread,
      tool_outputs: outputs,
    });
    expect((await collect(second)).names).toEqual(["thread.run.step.completed", ...PLAIN.slice(1)]);
    expect(await second.finalRun()).toMatchObject({
      status: "completed",
      usage: { prompt_tokens: 40, completion_tokens: 22, total_tokens: 62 },
    });
    const steps = await runs.steps.list(waiting.id, { thread_id: thread, order: "asc" });
    expect(steps.data.map(({ type, status }) => [type, status])).toEqual([
      ["tool_calls", "completed"],
      ["message_creation", "completed"],
    ]);
    expect(here.model.requests[1]?.items.slice(1)).toMatchObject([
      { type: "tool_call", id: calls[0]?.id },
      { type: "tool_call", id: calls[1]?.id },
      { type: "tool_output", id: calls[0]?.id, output: "sunny" },
      { type: "tool_output", id: calls[1]?.id, output: "sunny" },
    ]);
  });

  test("text before a call is a finished message step of its own", async () => {
    await using here = await openProcess(database, (_, count) =>
      count === 0
        ? [...text("Let me look."), ...call(0, "get_weather", {}), end("tool_calls")]
        : [...text("Done."), end()],
    );
    const { assistant, thread } = await prepare(here.client, { tools: [weather] });
    const stream = here.client.beta.threads.runs.stream(thread, { assistant_id: assistant });
    expect((await collect(stream)).names).toEqual([
      ...PLAIN.slice(0, 10),
      "thread.run.step.created",
      "thread.run.step.in_progress",
      "thread.run.step.delta",
      "thread.run.requires_action",
    ]);
  });

  test("creating a thread and its run in one request streams the thread first", async () => {
    await using here = await openProcess(database);
    const { id } = await here.client.beta.assistants.create({ model: "test-model" });
    const stream = here.client.beta.threads.createAndRunStream({
      assistant_id: id,
      thread: { messages: [{ role: "user", content: "Hi" }] },
    });
    expect((await collect(stream)).names).toEqual(["thread.created", ...PLAIN]);
  });

  test("a client that leaves its stream does not stop the run", async () => {
    const gate = createGate();
    await using here = await openProcess(database, async function* () {
      yield* text("One");
      await gate.pass();
      yield* text(" two");
      yield end();
    });
    const { assistant, thread } = await prepare(here.client);
    const stream = await here.client.beta.threads.runs.create(thread, {
      assistant_id: assistant,
      stream: true,
    });
    let run = "";
    for await (const event of stream) {
      if (event.event === "thread.run.created") run = event.data.id;
      if (event.event === "thread.message.delta") break;
    }
    gate.open();
    await untilStatus(here.client, thread, run, "completed");
    const { data } = await here.client.beta.threads.messages.list(thread, { run_id: run });
    expect(data[0]?.content).toMatchObject([{ text: { value: "One two" } }]);
  });

  test("readers see the text grow while it is being written", async () => {
    const gate = createGate();
    await using here = await openProcess(database, async function* () {
      yield* text("Half");
      await gate.pass();
      yield end();
    });
    const { assistant, thread } = await prepare(here.client);
    const { threads } = here.client.beta;
    const run = await threads.runs.create(thread, { assistant_id: assistant });
    await expect
      .poll(async () => (await threads.messages.list(thread)).data[0]?.content, {
        timeout: 2_000,
        interval: 20,
      })
      .toMatchObject([{ text: { value: "Half" } }]);
    gate.open();
    await untilStatus(here.client, thread, run.id, "completed");
  });
});
