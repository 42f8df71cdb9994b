import type OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { openProcess, type Process } from "../doubles/assistants.ts";
import { seed } from "../doubles/seed.ts";

let database: Database;
let here: Process;
beforeAll(async () => {
  database = await openDatabase({});
  await migrate(database);
  here = await openProcess(database);
});
beforeEach(() => seed(database));
afterAll(async () => {
  await here[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const at = { thread_id: "thread_id" };
const inRun = { ...at, run_id: "run_id" };
const RESULTS = "step_details.tool_calls[*].file_search.results[*].content";
const metadata = { foo: "string" };
const functions = [
  {
    type: "function" as const,
    function: { name: "f", description: "does f", parameters: {}, strict: false },
  },
];
const runOptions = {
  assistant_id: "assistant_id",
  instructions: "instructions",
  max_completion_tokens: 256,
  max_prompt_tokens: 256,
  metadata,
  model: "gpt-4o",
  parallel_tool_calls: true,
  response_format: "auto" as const,
  temperature: 1,
  tool_choice: "none" as const,
  tools: functions,
  top_p: 1,
  truncation_strategy: { type: "auto" as const, last_messages: 1 },
};

type Beta = OpenAI.Beta;

/** What the official SDK's own tests send, with every option that this server offers. */
const cases: readonly [string, (beta: Beta) => Promise<object>, object][] = [
  [
    "an assistant is created",
    ({ assistants }) =>
      assistants.create({
        model: "gpt-4o",
        description: "description",
        instructions: "instructions",
        metadata,
        name: "name",
        reasoning_effort: "none",
        response_format: "auto",
        temperature: 1,
        tool_resources: {
          code_interpreter: { file_ids: [] },
          file_search: { vector_store_ids: [] },
        },
        tools: functions,
        top_p: 1,
      }),
    { name: "name", description: "description", metadata, tools: functions },
  ],
  [
    "an assistant is retrieved",
    ({ assistants }) => assistants.retrieve("assistant_id"),
    { id: "assistant_id" },
  ],
  [
    "an assistant is left as it is",
    ({ assistants }) => assistants.update("assistant_id", {}),
    { id: "assistant_id", model: "gpt-4o" },
  ],
  [
    "assistants are listed",
    ({ assistants }) => assistants.list({ limit: 100, order: "asc" }),
    { data: [{ id: "assistant_id" }] },
  ],
  [
    "an assistant is deleted",
    ({ assistants }) => assistants.delete("assistant_id"),
    { id: "assistant_id", deleted: true },
  ],
  [
    "a thread is created from nothing",
    ({ threads }) => threads.create(),
    { object: "thread", metadata: {} },
  ],
  ["a thread is retrieved", ({ threads }) => threads.retrieve("thread_id"), { id: "thread_id" }],
  [
    "a thread is left as it is",
    ({ threads }) => threads.update("thread_id", {}),
    { id: "thread_id" },
  ],
  [
    "a thread is deleted",
    ({ threads }) => threads.delete("thread_id"),
    { id: "thread_id", deleted: true },
  ],
  [
    "a thread is created and run with an assistant alone",
    ({ threads }) => threads.createAndRun({ assistant_id: "assistant_id" }),
    { object: "thread.run", status: "queued" },
  ],
  [
    "a thread is created and run",
    ({ threads }) =>
      threads.createAndRun({
        ...runOptions,
        stream: false,
        thread: {
          messages: [{ content: "string", role: "user", attachments: [], metadata }],
          metadata,
          tool_resources: { code_interpreter: { file_ids: [] } },
        },
        tool_resources: { file_search: { vector_store_ids: [] } },
      }),
    { object: "thread.run", tool_choice: "none", max_prompt_tokens: 256, metadata },
  ],
  [
    "a message is retrieved",
    ({ threads }) => threads.messages.retrieve("message_id", at),
    { id: "message_id" },
  ],
  [
    "a message is changed",
    ({ threads }) => threads.messages.update("message_id", { ...at, metadata }),
    { metadata },
  ],
  [
    "messages are listed",
    ({ threads }) => threads.messages.list("thread_id"),
    { data: [{ id: "message_id" }] },
  ],
  [
    "a message is deleted",
    ({ threads }) => threads.messages.delete("message_id", at),
    { id: "message_id", deleted: true },
  ],
  [
    "a run is retrieved",
    ({ threads }) => threads.runs.retrieve("run_id", at),
    { id: "run_id", status: "requires_action" },
  ],
  [
    "a run is changed",
    ({ threads }) => threads.runs.update("run_id", { ...at, metadata }),
    { metadata },
  ],
  [
    "runs are listed",
    ({ threads }) => threads.runs.list("thread_id"),
    { data: [{ id: "run_id" }] },
  ],
  [
    "a run is cancelled",
    ({ threads }) => threads.runs.cancel("run_id", at),
    { id: "run_id", status: "cancelling" },
  ],
  [
    "tool outputs are submitted",
    ({ threads }) =>
      threads.runs.submitToolOutputs("run_id", {
        ...at,
        tool_outputs: [{ output: "output", tool_call_id: "tool_call_id" }],
        stream: false,
      }),
    { id: "run_id", status: "queued" },
  ],
  [
    "a step is retrieved",
    ({ threads }) => threads.runs.steps.retrieve("step_id", { ...inRun, include: [RESULTS] }),
    { id: "step_id" },
  ],
  [
    "steps are listed",
    ({ threads }) =>
      threads.runs.steps.list("run_id", { ...at, include: [RESULTS], limit: 1, order: "asc" }),
    { data: [{ id: "step_id" }] },
  ],
];

test.each(cases)("%s as the official SDK's tests do it", async (_, send, expected) => {
  expect(await send(here.client.beta)).toMatchObject(expected);
});

test("a message and a run are created on a thread that this server did not name", async () => {
  const { messages, runs } = here.client.beta.threads;
  await runs.cancel("run_id", at);
  const added = { content: "string", role: "user" as const, attachments: [], metadata };
  expect(await messages.create("thread_id", added)).toMatchObject({ thread_id: "thread_id" });
  const run = await runs.create("thread_id", {
    ...runOptions,
    include: [RESULTS],
    additional_instructions: "additional_instructions",
    additional_messages: [added],
    reasoning_effort: "none",
    stream: false,
  });
  expect(run).toMatchObject({ instructions: "instructions\n\nadditional_instructions" });
});
