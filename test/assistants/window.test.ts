import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ModelItem } from "../../src/assistants/models/model.ts";
import { loadCounter } from "../../src/assistants/runs/tokens.ts";
import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";

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
      textsOf(items).map((text) => text.split(" ")[0]),
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
    const sizes = textsOf(here.model.requests[1]?.items ?? []).map((text) => count(text) + 4);
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

  test("a run on a long thread reads what its window needs, not what the thread holds", async () => {
    await using here = await openProcess(database, undefined, { contextTokens: 4_000 });
    const { assistant } = await prepare(here.client);
    const read: number[] = [];
    for (const count of [300, 3_000]) {
      const thread = await threadOf(here.client, count);
      const before = await rowsRead(database);
      await here.client.beta.threads.runs.createAndPoll(thread, { assistant_id: assistant });
      read.push((await rowsRead(database)) - before);
    }
    expect(read[0]).toBeGreaterThan(0);
    expect(read[1]).toBeLessThanOrEqual((read[0] ?? 0) * 1.5);
  });
});

test("control words in a text count as text, and a huge unbroken word does not stall the counter", async () => {
  const count = await loadCounter();
  expect(count("<|endoftext|>")).toBeGreaterThan(1);
  const start = performance.now();
  expect(count("漢".repeat(100_000))).toBeGreaterThan(50_000);
  expect(performance.now() - start).toBeLessThan(1_000);
});

/** Rows of `message` that this database has fetched so far. */
async function rowsRead(database: Database): Promise<number> {
  await database.query("select pg_stat_force_next_flush()");
  const { rows } = await database.query<{ total: string }>(
    `select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as total from pg_stat_user_tables
     where relname = 'message'`,
  );
  return Number(rows[0]?.total ?? 0);
}
