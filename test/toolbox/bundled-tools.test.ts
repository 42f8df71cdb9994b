import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect, test } from "vitest";

import { createDemoModel } from "../../src/assistants/models/demo.ts";
import type { ModelItem } from "../../src/assistants/models/model.ts";
import { createToolbox, type Toolbox } from "../../src/toolbox/index.ts";
import { callsOf, collect, textOf } from "../contracts/model.ts";
import { createToolFolder, loadTools, silent } from "./tool-folder.ts";

const TOOLS = path.join(import.meta.dirname, "../../tools");
const caller = {
  person: { id: "U1", name: "Ana" },
  platform: "slack",
  conversation: "slack/T1/C1/1",
};
const never = new AbortController().signal;

async function bundled(env: Readonly<Record<string, string>> = {}): Promise<Toolbox> {
  const { tools, problems } = await loadTools({ dir: TOOLS, log: silent });
  expect(problems).toEqual([]);
  return createToolbox({ tools, env, log: silent });
}

async function outputOf(toolbox: Toolbox, name: string, args: object): Promise<string> {
  const { output } = await toolbox.call(
    { id: "call_1", name, arguments: JSON.stringify(args) },
    caller,
    never,
  );
  return output;
}

test("a ticket is found by its id, whatever its case and the spaces around it", async () => {
  const toolbox = await bundled();
  expect(JSON.parse(await outputOf(toolbox, "ticket_lookup", { id: " ops-3 " }))).toEqual({
    id: "OPS-3",
    title: 'Nightly backup of "reports" fails, disk is full',
    status: "blocked",
    assignee: "Marta",
    priority: "high",
    updated: "2026-11-01",
    url: "https://tracker.example.com/OPS-3",
  });
  expect(JSON.parse(await outputOf(toolbox, "ticket_lookup", { id: "OPS-6" }))).toMatchObject({
    assignee: null,
  });
});

test("an unknown ticket is answered with the nearest ids", async () => {
  const output = await outputOf(await bundled(), "ticket_lookup", { id: "OPS-13" });
  expect(output).toMatch(
    /^There is no ticket OPS-13\. The nearest ids are (OPS-\d+, ){2}OPS-\d+\.$/,
  );
  expect(output).toMatch(/OPS-1[012]/);
});

test("TICKETS_FILE names another export: CSV with other columns, or JSON", async () => {
  await using folder = await createToolFolder({
    "export.csv":
      '\uFEFFIssue key,Summary,Status,Assignee\r\nWEB-1,"Two\r\nlines, ""quoted""",Done,\r\n',
    "export.json":
      '{"tickets":[{"key":"WEB-2","title":"From JSON","status":"open","assignee":null}]}',
    "broken.csv": 'id,title\nA-1,"open quote',
  });
  const at = (name: string) => bundled({ TICKETS_FILE: path.join(folder.dir, name) });
  expect(
    JSON.parse(await outputOf(await at("export.csv"), "ticket_lookup", { id: "web-1" })),
  ).toMatchObject({
    id: "WEB-1",
    title: 'Two\r\nlines, "quoted"',
    status: "Done",
    assignee: null,
  });
  expect(
    JSON.parse(await outputOf(await at("export.json"), "ticket_lookup", { id: "WEB-2" })),
  ).toMatchObject({ title: "From JSON" });
  expect(await outputOf(await at("broken.csv"), "ticket_lookup", { id: "A-1" })).toMatch(
    /^Error: Line 2 of the CSV export/,
  );
  expect(await outputOf(await at("missing.csv"), "ticket_lookup", { id: "A-1" })).toMatch(
    /^Error: ENOENT/,
  );
});

test("the time is told for a time zone, and a wrong zone is explained", async () => {
  const toolbox = await bundled();
  expect(
    JSON.parse(await outputOf(toolbox, "current_time", { time_zone: "Europe/Berlin" })),
  ).toMatchObject({
    time_zone: "Europe/Berlin",
    utc: expect.stringMatching(/^\d{4}-.*Z$/),
    text: expect.stringMatching(/^It is \w+.* in Europe\/Berlin\.$/),
  });
  expect(await outputOf(toolbox, "current_time", {})).toContain("in UTC.");
  expect(await outputOf(toolbox, "current_time", { time_zone: "Berlin" })).toBe(
    'Error: "Berlin" is not a time zone. Use an IANA name such as Europe/Berlin, America/New_York or UTC.',
  );
});

test.each([
  [
    "Ana: what is the status of ticket OPS-1?",
    [{ name: "ticket_lookup", id: "OPS-1" }],
    /^OPS-1 is in progress, assigned to Lee\. \(demo model\)$/,
  ],
  [
    "compare tickets ops-6 and OPS-9",
    [
      { name: "ticket_lookup", id: "ops-6" },
      { name: "ticket_lookup", id: "OPS-9" },
    ],
    /^OPS-6 is open\. OPS-9 is blocked, assigned to Jonas\. \(demo model\)$/,
  ],
  [
    "Ana: is checkout deployed?",
    [{ name: "deploy_status", service: "checkout" }],
    /^checkout is deployed\. \(demo model\)$/,
  ],
  [
    "what is the deploy status of search?",
    [{ name: "deploy_status", service: "search" }],
    /^search is failed\. \(demo model\)$/,
  ],
  [
    "what time is it in Asia/Tokyo?",
    [{ name: "current_time", time_zone: "Asia/Tokyo" }],
    /^It is .* in Asia\/Tokyo\. \(demo model\)$/,
  ],
])("the demo model answers %j through the bundled tools", async (question, expected, answer) => {
  const toolbox = await bundled();
  const functions = toolbox.functions.map(
    ({ function: { name, description = "", parameters = {} } }) => ({
      name,
      description,
      parameters,
    }),
  );
  const items: ModelItem[] = [
    { type: "message", role: "user", content: [{ type: "text", text: question }] },
  ];
  const model = createDemoModel({ delay: 0 });
  const calls = callsOf(await collect(model.stream({ model: "demo", items, functions }, never)));
  expect(calls.map((call) => Object.assign({ name: call.name }, call.arguments))).toEqual(expected);
  for (const call of calls)
    items.push({
      type: "tool_call",
      id: call.id,
      name: call.name,
      arguments: JSON.stringify(call.arguments),
    });
  for (const { id, name, arguments: args } of calls) {
    const { output } = await toolbox.call(
      { id, name, arguments: JSON.stringify(args) },
      caller,
      never,
    );
    items.push({ type: "tool_output", id, output });
  }
  const text = textOf(await collect(model.stream({ model: "demo", items, functions }, never)));
  expect(text).toMatch(answer);
});

test("the tool in tools/README.md works as it is written", async () => {
  const readme = await readFile(path.join(TOOLS, "README.md"), "utf8");
  const example = /```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? "";
  await using folder = await createToolFolder({ "on-call.ts": example });
  const { tools, problems } = await loadTools({ dir: folder.dir, log: silent });
  expect(problems).toEqual([]);
  const toolbox = createToolbox({ tools, env: {}, log: silent });
  expect(JSON.parse(await outputOf(toolbox, "on_call", { team: "billing" }))).toEqual({
    team: "billing",
    on_call: "Ana",
    asked_by: "Ana",
  });
});
