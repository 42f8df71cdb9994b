import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ModelItem } from "../../src/assistants/models/model.ts";
import { loadCounter } from "../../src/assistants/runs/tokens.ts";
import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";
import { call, end, text } from "../doubles/model.ts";

function textsOf(items: readonly ModelItem[]): string[] {
  return items.flatMap((item) =>
    item.type === "message"
      ? item.content.map((part) => (part.type === "text" ? part.text : part.url))
      : [],
  );
}

async function threadOf(
  client: OpenAI,
  count: number,
  words = "word ".repeat(40),
): Promise<string> {
  const { id } = await client.beta.threads.create({
    messages: Array.from({ length: count }, (_, index) => ({
      role: "user",
      content: `#${index} ${words}`,
    })),
  });
  return id;
}

onEachDatabase((backend) => {
  let database: Database;
  beforeAll(async () => {
    database = await backend.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("a short thread is sent whole, an overlong one without its middle", async () => {
    await using here = await openProcess(database, undefined, { contextTokens: 4_000 });
    const { assistant } = await prepare(here.client);
    const short = await threadOf(here.client, 40);
    const long = await threadOf(here.client, 300);
    for (const thread of [short, long]) {
      await here.client.beta.threads.runs.createAndPoll(thread, { assistant_id: assistant });
    }
    const [whole, cut] = here.model.requests.map(({ items }) =>
      textsOf(items).map((each) => each.split(" ")[0]),
    );
    expect(whole).toHaveLength(40);
    expect(cut?.[0]).toBe("#0");
    expect(cut?.at(-1)).toBe("#299");
    expect(cut?.slice(1)).toEqual(
      Array.from(
        { length: (cut?.length ?? 0) - 1 },
        (_, index) => `#${300 - (cut?.length ?? 0) + 1 + index}`,
      ),
    );
    // Nothing is wasted either: one more message would not have fitted into three quarters of the context.
    const count = await loadCounter();
    const sizes = textsOf(here.model.requests[1]?.items ?? []).map((each) => count(each) + 4);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeLessThanOrEqual(3_000);
    expect(total + (sizes.at(-1) ?? 0)).toBeGreaterThan(3_000);
  });

  test("last_messages keeps exactly the newest", async () => {
    await using here = await openProcess(database);
    const { assistant } = await prepare(here.client);
    const thread = await threadOf(here.client, 50, "");
    await here.client.beta.threads.runs.createAndPoll(thread, {
      assistant_id: assistant,
      truncation_strategy: { type: "last_messages", last_messages: 2 },
      additional_messages: [{ role: "user", content: "And now?" }],
    });
    expect(textsOf(here.model.requests[0]?.items ?? [])).toEqual(["#49 ", "And now?"]);
  });

  test("a run whose newest message exceeds max_prompt_tokens is incomplete and asks no model", async () => {
    await using here = await openProcess(database);
    const { assistant } = await prepare(here.client);
    const thread = await threadOf(here.client, 1, "word ".repeat(400));
    const run = await here.client.beta.threads.runs.createAndPoll(thread, {
      assistant_id: assistant,
      max_prompt_tokens: 256,
    });
    expect(run).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_prompt_tokens" },
    });
    expect(here.model.requests).toHaveLength(0);
  });

  test("a run on a thread of 100,000 messages reads as many rows as on one of 1,000", async () => {
    // Postgres counts per connection and adds it up later: with one connection nothing is added up too late.
    await using counting = await backend.open({ connections: 1 });
    await using here = await openProcess(counting, undefined, { contextTokens: 4_000 });
    const { assistant } = await prepare(here.client);
    const read: number[] = [];
    for (const count of [1_000, 100_000]) {
      const { id } = await here.client.beta.threads.create();
      await fill(counting, id, count);
      const before = await rowsRead(counting);
      await here.client.beta.threads.runs.createAndPoll(id, { assistant_id: assistant });
      read.push((await rowsRead(counting)) - before);
    }
    expect(read[0]).toBeGreaterThan(0);
    expect(read[1]).toBe(read[0]);
  });

  test("what was counted is kept with the messages, and gives the same window again", async () => {
    await using here = await openProcess(database, undefined, { contextTokens: 4_000 });
    const { assistant } = await prepare(here.client);
    const thread = await threadOf(here.client, 300);
    const run = async (): Promise<void> => {
      await here.client.beta.threads.runs.createAndPoll(thread, {
        assistant_id: assistant,
        instructions: "Be brief.",
        // The answer of the run before takes up no room this way.
        truncation_strategy: { type: "auto" },
      });
      const [answer] = (await here.client.beta.threads.messages.list(thread, { limit: 1 })).data;
      await here.client.beta.threads.messages.delete(answer?.id ?? "", { thread_id: thread });
    };
    await run();
    const { rows } = await database.query<{
      tokens: number;
      content: [{ text: { value: string } }];
    }>("select tokens, content from message where thread_id = $1 and tokens is not null", [thread]);
    const count = await loadCounter();
    expect(rows.length).toBeGreaterThan(20);
    for (const { tokens, content } of rows) expect(tokens).toBe(count(content[0].text.value) + 4);
    await run();
    const [first, second] = here.model.requests;
    expect(second?.items).toEqual(first?.items);
  });

  test("a full window still holds the run's own calls, each with its output", async () => {
    await using here = await openProcess(
      database,
      (_, asked) =>
        asked === 0
          ? [...call(0, "f", {}), ...call(1, "g", {}), end("tool_calls")]
          : [...text("Done."), end()],
      { contextTokens: 4_000 },
    );
    const { assistant } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const thread = await threadOf(here.client, 300);
    const run = await runs.createAndPoll(thread, { assistant_id: assistant });
    const calls = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    await runs.submitToolOutputsAndPoll(run.id, {
      thread_id: thread,
      tool_outputs: calls.map(({ id }) => ({ tool_call_id: id, output: "word ".repeat(700) })),
    });
    const [before, after] = here.model.requests.map(({ items }) => items);
    expect(after?.slice(-4).map(({ type }) => type)).toEqual([
      "tool_call",
      "tool_call",
      "tool_output",
      "tool_output",
    ]);
    const [wide, narrow] = [textsOf(before ?? []), textsOf(after ?? [])];
    expect(narrow.length).toBeLessThan(wide.length);
    expect(narrow[0]).toBe(wide[0]);
    expect(wide.slice(1 - narrow.length)).toEqual(narrow.slice(1));
  });
});

test("control words in a text count as text, and a huge unbroken word does not stall the counter", async () => {
  const count = await loadCounter();
  expect(count("<|endoftext|>")).toBeGreaterThan(1);
  const start = performance.now();
  expect(count("漢".repeat(100_000))).toBeGreaterThan(50_000);
  expect(performance.now() - start).toBeLessThan(1_000);
});

/** Puts messages on a thread faster than the API could. */
async function fill(database: Database, thread: string, count: number): Promise<void> {
  await database.query(
    `insert into message (id, thread_id, created_at, role, status, completed_at, content, attachments, metadata)
     select $1::text || '_' || n, $1, 1000, 'user', 'completed', 1000, $2, '[]', '{}' from generate_series(1, $3::integer) n`,
    [
      thread,
      JSON.stringify([{ type: "text", text: { value: "word ".repeat(40), annotations: [] } }]),
      count,
    ],
  );
}

/** Rows of `message` that this database has fetched so far. */
async function rowsRead(database: Database): Promise<number> {
  await database.query("select pg_stat_force_next_flush()");
  const { rows } = await database.query<{ total: string }>(
    `select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as total from pg_stat_user_tables
     where relname = 'message'`,
  );
  return Number(rows[0]?.total ?? 0);
}
