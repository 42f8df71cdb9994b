import { NotFoundError } from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare, type Process } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";

onEachDatabase((backend) => {
  let database: Database;
  let here: Process;
  beforeAll(async () => {
    database = await backend.open();
    here = await openProcess(database);
  });
  beforeEach(() => database.query("delete from assistant"));
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test("an assistant is created with defaults, changed in part, and deleted", async () => {
    const { assistants } = here.client.beta;
    const parameters = { type: "object", properties: { zebra: {}, a: {} }, required: ["zebra"] };
    const created = await assistants.create({
      model: "m",
      name: "Ada",
      tools: [{ type: "function", function: { name: "f", parameters } }],
      response_format: { type: "json_object" },
    });
    expect(created).toMatchObject({
      id: expect.stringMatching(/^asst_[A-Za-z0-9]{24}$/),
      object: "assistant",
      description: null,
      instructions: null,
      metadata: {},
      tool_resources: {},
      temperature: 1,
      top_p: 1,
      response_format: { type: "json_object" },
    });
    // Models answer in the order of a schema's properties, so it must survive storage.
    expect(JSON.stringify(created.tools)).toContain('{"zebra":{},"a":{}}');

    const changed = await assistants.update(created.id, { name: null, metadata: { team: "ops" } });
    expect(changed).toEqual({ ...created, name: null, metadata: { team: "ops" } });
    expect(await assistants.retrieve(created.id)).toEqual(changed);
    expect(await assistants.delete(created.id)).toEqual({
      id: created.id,
      object: "assistant.deleted",
      deleted: true,
    });
    await expect(assistants.retrieve(created.id)).rejects.toBeInstanceOf(NotFoundError);
  });

  test("lists page both ways without gaps, even for what was made in one second", async () => {
    const { assistants } = here.client.beta;
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) ids.push((await assistants.create({ model: "m" })).id);
    const newest = ids.toReversed();

    const first = await here.server.fetch(new Request("http://in-process/v1/assistants?limit=3"));
    expect(await first.json()).toMatchObject({
      object: "list",
      has_more: true,
      first_id: newest[0],
      last_id: newest[2],
    });
    const second = await assistants.list({ limit: 3, after: newest[2] ?? "" });
    expect(second.data.map(({ id }) => id)).toEqual(newest.slice(3, 6));
    const back = await assistants.list({ limit: 2, before: newest[3] ?? "" });
    expect(back.data.map(({ id }) => id)).toEqual(newest.slice(1, 3));
    expect(back.has_more).toBe(true);
    const between = await assistants.list({ after: newest[0] ?? "", before: newest[4] ?? "" });
    expect(between.data.map(({ id }) => id)).toEqual(newest.slice(1, 4));

    const walked: string[] = [];
    for await (const assistant of assistants.list({ limit: 2, order: "asc" }))
      walked.push(assistant.id);
    expect(walked).toEqual(ids);
    await expect(assistants.list({ after: "asst_gone" })).rejects.toThrow(
      "404 No assistant found with id 'asst_gone'.",
    );
  });

  test("a thread keeps its messages in order, with text and images", async () => {
    const { threads } = here.client.beta;
    const thread = await threads.create({
      metadata: { topic: "x" },
      messages: [
        { role: "user", content: "One" },
        { role: "assistant", content: "Two", metadata: { n: "2" } },
      ],
    });
    const image = { type: "image_url", image_url: { url: "https://example.com/a.png" } } as const;
    const third = await threads.messages.create(thread.id, {
      role: "user",
      content: [{ type: "text", text: "Three \u0000" }, image],
    });
    expect(third).toMatchObject({
      status: "completed",
      thread_id: thread.id,
      run_id: null,
      assistant_id: null,
      attachments: [],
      content: [
        { type: "text", text: { value: "Three \u0000", annotations: [] } },
        { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "auto" } },
      ],
    });
    const { data } = await threads.messages.list(thread.id, { order: "asc" });
    expect(data.map(({ role, metadata }) => [role, metadata])).toEqual([
      ["user", {}],
      ["assistant", { n: "2" }],
      ["user", {}],
    ]);
    await threads.messages.update(third.id, { thread_id: thread.id, metadata: { seen: "yes" } });
    expect(await threads.messages.retrieve(third.id, { thread_id: thread.id })).toMatchObject({
      metadata: { seen: "yes" },
    });
    await threads.messages.delete(third.id, { thread_id: thread.id });
    expect((await threads.messages.list(thread.id)).data).toHaveLength(2);
    expect(await threads.update(thread.id, { metadata: null })).toMatchObject({
      metadata: {},
      tool_resources: {},
    });
    await threads.delete(thread.id);
    await expect(threads.retrieve(thread.id)).rejects.toThrow(
      `No thread found with id '${thread.id}'.`,
    );
  });

  test("a run takes the assistant's settings, and its own go before them", async () => {
    const { runs } = here.client.beta.threads;
    const { assistant, thread } = await prepare(here.client, {
      instructions: "Base.",
      temperature: 0.5,
      tools: [{ type: "function", function: { name: "f", description: "does f" } }],
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", schema: { type: "object" }, strict: true },
      },
    });
    const schema = {
      type: "json_schema",
      name: "answer",
      schema: { type: "object" },
      strict: true,
    };
    const plain = await runs.createAndPoll(thread, { assistant_id: assistant });
    expect(plain).toMatchObject({
      model: "test-model",
      instructions: "Base.",
      temperature: 0.5,
      tool_choice: "auto",
    });
    const own = await runs.createAndPoll(thread, {
      assistant_id: assistant,
      model: "other",
      instructions: "Mine.",
      additional_instructions: "More.",
      additional_messages: [{ role: "user", content: "Added" }],
      tools: [{ type: "function", function: { name: "g" } }],
      tool_choice: { type: "function", function: { name: "g" } },
      parallel_tool_calls: false,
      top_p: 0.1,
      reasoning_effort: "low",
      response_format: "auto",
      metadata: { why: "test" },
    });
    expect(own).toMatchObject({
      model: "other",
      instructions: "Mine.\n\nMore.",
      metadata: { why: "test" },
      top_p: 0.1,
    });
    const [first, second] = here.model.requests.slice(-2);
    expect(first).toMatchObject({
      model: "test-model",
      temperature: 0.5,
      functions: [
        { name: "f", description: "does f", parameters: { type: "object", properties: {} } },
      ],
      toolChoice: "auto",
      format: schema,
    });
    expect(first).not.toHaveProperty("topP");
    expect(second).toMatchObject({
      model: "other",
      instructions: "Mine.\n\nMore.",
      toolChoice: { name: "g" },
      parallelToolCalls: false,
      topP: 0.1,
      reasoningEffort: "low",
    });
    expect(second).not.toHaveProperty("format");
    expect(second?.items.at(-1)).toMatchObject({ content: [{ text: "Added" }] });
    const updated = await runs.update(own.id, { thread_id: thread, metadata: { a: "b" } });
    expect(updated).toMatchObject({ id: own.id, metadata: { a: "b" } });
    expect((await runs.list(thread)).data.map(({ id }) => id)).toEqual([own.id, plain.id]);
  });

  test("a thread that holds as many messages as it may takes no more, and is still answered", async () => {
    const { assistant, thread } = await prepare(here.client);
    await database.query("update thread set message_count = 99999 where id = $1", [thread]);
    const { messages, runs } = here.client.beta.threads;
    await messages.create(thread, { role: "user", content: "The last one" });
    await expect(messages.create(thread, { role: "user", content: "One more" })).rejects.toThrow(
      `400 Thread ${thread} would hold more than 100000 messages.`,
    );
    const run = await runs.createAndPoll(thread, { assistant_id: assistant });
    expect(run.status).toBe("completed");
  });

  test("the beta header is accepted, and a poller is told when to come back", async () => {
    const { assistant, thread } = await prepare(here.client);
    const run = await here.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    const path = `http://in-process/v1/threads/${thread}/runs/${run.id}`;
    const response = await here.server.fetch(
      new Request(path, { headers: { "OpenAI-Beta": "assistants=v2" } }),
    );
    expect(response.headers.get("openai-poll-after-ms") ?? "100").toMatch(/^\d+$/);
    await here.client.beta.threads.runs.poll(run.id, { thread_id: thread });
  });
});
