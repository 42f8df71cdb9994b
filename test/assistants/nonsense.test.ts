import * as fc from "fast-check";
import { expect, test } from "vitest";

import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/pool.ts";
import { openProcess } from "../doubles/assistants.ts";
import { seed } from "../doubles/seed.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
const image = { type: "image_url", image_url: { url: "https://a.example/c.png", detail: "low" } };
const message = {
  role: "user",
  content: [{ type: "text", text: "x" }, image],
  metadata: { x: "y" },
};
const run = {
  assistant_id: "assistant_id",
  instructions: "a",
  additional_messages: [message],
  tools,
  temperature: 1.5,
  max_prompt_tokens: 300,
  truncation_strategy: { type: "last_messages", last_messages: 3 },
  tool_choice: { type: "function", function: { name: "f" } },
  response_format: { type: "json_schema", json_schema: { name: "x", schema: {} } },
};

/** Requests in order, before something in them is replaced or added. */
const requests: readonly (readonly [path: string, body: Json])[] = [
  ["/assistants", { model: "m", name: "n", tools, metadata: { a: "b" }, temperature: 1 }],
  ["/assistants/assistant_id", { name: "n", tools: [], response_format: "auto", top_p: 0.5 }],
  ["/threads", { messages: [message], metadata: {}, tool_resources: { file_search: {} } }],
  ["/threads/thread_id", { metadata: { a: "b" } }],
  ["/threads/thread_id/messages", { role: "user", content: "x", attachments: [] }],
  ["/threads/thread_id/messages/message_id", { metadata: { a: "b" } }],
  ["/threads/thread_id/runs", run],
  ["/threads/runs", { assistant_id: "assistant_id", thread: { messages: [message] } }],
  ["/threads/thread_id/runs/run_id", { metadata: { a: "b" } }],
  [
    "/threads/thread_id/runs/run_id/submit_tool_outputs",
    { tool_outputs: [{ tool_call_id: "x", output: "y" }], stream: true },
  ],
];

const odd = fc.oneof(
  fc.constantFrom<Json>(null, "\u0000", "\ud800", "__proto__", 1e308, 2 ** 53, {}, []),
  fc.jsonValue(),
);

/** The value with `to` somewhere in it, in place of what was there or under a new name. */
function disturb(value: unknown, place: number, to: unknown, name: string | undefined): unknown {
  if (typeof value !== "object" || value === null) return to;
  const entries: [string, unknown][] = Object.entries(value);
  if (place === 0) return name === undefined ? to : Object.fromEntries([...entries, [name, to]]);
  const chosen = place % Math.max(entries.length, 1);
  const changed = entries.map(([key, inner], index) =>
    index === chosen ? [key, disturb(inner, Math.floor(place / 3), to, name)] : [key, inner],
  );
  return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
}

test("no request, however odd, is more than refused", async () => {
  await using database = await openDatabase({});
  await migrate(database);
  await seed(database);
  await using here = await openProcess(database);
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...requests),
      fc.nat(2_000),
      odd,
      fc.option(fc.string({ unit: "binary", maxLength: 8 }), { nil: undefined }),
      async ([path, body], place, to, name) => {
        const request = new Request(`http://in-process/v1${path}`, {
          method: "POST",
          body: JSON.stringify(disturb(body, place, to, name)),
        });
        const response = await here.server.fetch(request);
        await response.text();
        seen.add(response.status);
        expect(response.status).toBeLessThan(500);
      },
    ),
    { numRuns: 400 },
  );
  expect(seen).toContain(200);
  expect(seen).toContain(400);
});
