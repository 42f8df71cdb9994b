import { expect, test } from "vitest";

import { createDemoModel } from "../../src/assistants/models/demo.ts";
import type { ModelFunction, ModelRequest } from "../../src/assistants/models/model.ts";
import { callsOf, collect, textOf } from "../contracts/model.ts";

const never = new AbortController().signal;
const model = createDemoModel({ delay: 0 });

function ask(question: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return { model: "demo", items: [said(question)], functions: [], ...more };
}

function said(text: string, role: "user" | "assistant" = "user"): ModelRequest["items"][number] {
  return { type: "message", role, content: [{ type: "text", text }] };
}

function tool(
  name: string,
  description: string,
  properties: object,
  required: readonly string[] = [],
): ModelFunction {
  return { name, description, parameters: { type: "object", properties, required } };
}

const deploys = tool(
  "deploy_status",
  "Tells which version of a service is deployed.",
  {
    service: { type: "string", description: "The service." },
    environment: { type: "string", enum: ["production", "staging"] },
    limit: { type: "integer" },
  },
  ["service", "environment"],
);

test.each([
  ["deploy status of service checkout in staging", { service: "checkout", environment: "staging" }],
  [
    "what is the deploy status on production for 'web shop', last 3?",
    { service: "web shop", environment: "production", limit: 3 },
  ],
  ["production deploy of billing-api?", { service: "billing-api", environment: "production" }],
])("%j fills what a function requires from the question", async (question, expected) => {
  const calls = callsOf(
    await collect(model.stream(ask(question, { functions: [deploys] }), never)),
  );
  expect(calls.map((call) => call.arguments)).toEqual([expected]);
});

test.each([
  ["a required value is missing", "what is the deploy status of service checkout?"],
  ["no function fits", "who won the match yesterday on 'production'?"],
])("nothing is called when %s", async (_name, question) => {
  const text = textOf(await collect(model.stream(ask(question, { functions: [deploys] }), never)));
  expect(text).toContain(`You asked: “${question}”`);
  expect(text).toContain("deploy_status");
  expect(text).toMatch(/demo model.*\(demo model\)$/);
});

test.each([
  ['{"service":"checkout","state":"rolled_back"}', "checkout is rolled back. (demo model)"],
  [
    '[{"id":"A-1","title":"One"},{"id":"A-2","title":"Two"}]',
    "Found 2: A-1: One. A-2: Two. (demo model)",
  ],
  ["[]", "The tool found nothing. (demo model)"],
  ['{"cpu_load":0.5,"hosts":["a","b"]}', 'cpu load: 0.5, hosts: ["a","b"]. (demo model)'],
  [
    "Error: the tool did not answer within 30 s.",
    "Error: the tool did not answer within 30 s. (demo model)",
  ],
])("the output %s becomes a sentence", async (output, sentence) => {
  const items: ModelRequest["items"] = [
    said("question"),
    { type: "tool_call", id: "call_1", name: "any", arguments: "{}" },
    { type: "tool_output", id: "call_1", output },
  ];
  expect(
    textOf(await collect(model.stream({ model: "demo", items, functions: [deploys] }, never))),
  ).toBe(sentence);
});

test("several messages in a row are one question, and an answered one is not asked again", async () => {
  const items = [
    said("deploy status of service a in staging"),
    said("I am busy.", "assistant"),
    said("Ana: hello"),
    said("Lee: and you?"),
  ];
  const text = textOf(
    await collect(model.stream({ model: "demo", items, functions: [deploys] }, never)),
  );
  expect(text).toContain("“hello\nand you?”");
});

test("long answers, counting and quoted messages can be played with", async () => {
  const counted = textOf(await collect(model.stream(ask("count to 12"), never)));
  expect(counted).toBe("1 2 3 4 5 6 7 8 9 10 11 12 (demo model)");
  const long = textOf(
    await collect(model.stream(ask("please write 500 words about ships"), never)),
  );
  expect(long.split(" ")).toHaveLength(502);
  const summary = await collect(
    model.stream(ask("summarize this\n> Ana: it is down\n> Lee: on it"), never),
  );
  expect(textOf(summary)).toBe("Earlier messages:\n- Ana: it is down\n- Lee: on it\n(demo model)");
});

test("the choice of a function is obeyed", async () => {
  const free = tool("ping", "Answers", {});
  const named = ask("hello", { functions: [deploys, free], toolChoice: { name: "ping" } });
  expect(callsOf(await collect(model.stream(named, never)))).toMatchObject([
    { name: "ping", arguments: {} },
  ]);
  const one = ask("OPS-1 and OPS-2", {
    functions: [tool("lookup", "d", { id: { type: "string" } }, ["id"])],
    toolChoice: "required",
    parallelToolCalls: false,
  });
  expect(callsOf(await collect(model.stream(one, never)))).toMatchObject([
    { arguments: { id: "OPS-1" } },
  ]);
});

test("words come one by one with a delay, and an abort does not wait for it", async () => {
  const slow = createDemoModel({ delay: 60_000 });
  const controller = new AbortController();
  const heard: string[] = [];
  await expect(async () => {
    for await (const event of slow.stream(ask("count to 3"), controller.signal)) {
      if (event.type === "text") heard.push(event.delta);
      setImmediate(() => controller.abort(new Error("stop")));
    }
  }).rejects.toThrow("stop");
  expect(heard).toEqual(["1"]);
});
