import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { openProcess, prepare, type Process } from "../doubles/assistants.ts";
import { readContract, specDir } from "../doubles/contract.ts";
import { call, end, type Script, text } from "../doubles/model.ts";
import { watchServer } from "../doubles/watched.ts";

if (specDir === undefined) {
  console.warn("SPEC_DIR is not set: nothing is held against the published contract.");
}

/** Fields that are in the recorded streams and have left the contract since. */
const DRIFTED = new Set(["thread.run.step expires_at", "thread.run tool_resources"]);

/**
 * All tests of the server hold its answers against the published contract (doubles/watched.ts); here is what is
 * left: that the judge judges, that no operation is missing, and that streams are as they were recorded.
 */
describe.skipIf(specDir === undefined)("the published contract (skipped without SPEC_DIR)", () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({});
    await migrate(database);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("an answer and an event that break it are noticed", async () => {
    await using here = await openProcess(database);
    const { violations, server } = watchServer({
      ...here.server,
      async fetch(request) {
        const path = new URL(request.url).pathname;
        return path.endsWith("/runs")
          ? new Response('event: thread.run.queued\ndata: {"id":"run_1"}\n\n', {
              headers: { "content-type": "text/event-stream; charset=utf-8" },
            })
          : Response.json({ id: "asst_1", object: "assistant" });
      },
    });
    await server.fetch(new Request("http://in-process/v1/assistants/asst_1"));
    const stream = await server.fetch(
      new Request("http://in-process/v1/threads/thread_1/runs", { method: "POST" }),
    );
    await stream.text();
    expect(violations).toContainEqual(
      expect.stringContaining("GET /assistants/asst_1 answered 200: / must have required property"),
    );
    expect(violations).toContainEqual(expect.stringContaining("event thread.run.queued: /data"));
  });

  test("every operation on assistants and threads is there", async () => {
    await using here = await openProcess(database);
    const operations = readContract()?.operations ?? [];
    expect(operations.length).toBeGreaterThan(20);
    for (const operation of operations) {
      const [method = "", path = ""] = operation.split(" ");
      const url = `http://in-process/v1${path.replaceAll(/[{}]/g, "")}`;
      const response = await here.server.fetch(new Request(url, { method }));
      expect([operation, await response.text()]).not.toEqual([
        operation,
        expect.stringContaining("Invalid URL"),
      ]);
    }
  });

  test.each([
    ["createRun.streaming", "plain", "run"],
    ["createRun.streaming-with-functions", "plain", "run"],
    ["createThreadAndRun.streaming", "plain", "launch"],
    ["createThreadAndRun.streaming-with-functions", "functions", "launch"],
    ["submitToolOuputsToRun.streaming", "functions", "submit"],
  ] as const)("a stream is as in the recorded %s", async (recorded, kind, how) => {
    await using here = await openProcess(database, script);
    const ours = await streamOf(here, kind === "functions", how);
    const theirs = readFileSync(join(specDir ?? "", "golden-sse", `${recorded}.sse`), "utf8");
    expect(orderOf(ours)).toEqual(orderOf(theirs));
    expect(deltasOf(ours)).toEqual(deltasOf(theirs));
    const known = fieldsOf(theirs).filter((field) => !DRIFTED.has(field));
    expect(fieldsOf(ours)).toEqual(expect.arrayContaining(known));
  });
});

const script: Script = (request) => {
  const asks = request.functions.length > 0 && request.items.at(-1)?.type === "message";
  return asks
    ? [...call(0, "get_current_weather", { location: "Bern" }), end("tool_calls")]
    : [...text("Hello", " there", "."), end()];
};

/** The raw text of a stream that the server sends. */
async function streamOf(
  { client, server }: Process,
  functions: boolean,
  how: "run" | "launch" | "submit",
): Promise<string> {
  const { assistant, thread } = await prepare(client, {
    tools: functions ? [{ type: "function", function: { name: "get_current_weather" } }] : [],
  });
  const post = async (path: string, body: object): Promise<string> => {
    const request = new Request(`http://in-process/v1/threads${path}`, {
      method: "POST",
      body: JSON.stringify({ stream: true, ...body }),
    });
    return (await server.fetch(request)).text();
  };
  if (how === "run") return post(`/${thread}/runs`, { assistant_id: assistant });
  const messages = [{ role: "user", content: "Hi" }];
  if (how === "launch") return post("/runs", { assistant_id: assistant, thread: { messages } });
  const run = await client.beta.threads.runs.createAndPoll(thread, { assistant_id: assistant });
  const [asked] = run.required_action?.submit_tool_outputs.tool_calls ?? [];
  return post(`/${thread}/runs/${run.id}/submit_tool_outputs`, {
    tool_outputs: [{ tool_call_id: asked?.id, output: "sunny" }],
  });
}

interface Frame {
  readonly name: string;
  readonly data: unknown;
}

/** One line of the recorded streams lacks its `data: `; ours are checked for it wherever they are watched. */
function framesOf(stream: string): Frame[] {
  return stream
    .trim()
    .split("\n\n")
    .map((frame) => {
      const [, name = "", data = ""] = /^event: (.*)\n(?:data: )?(.*)$/.exec(frame) ?? [];
      return { name, data: data === "[DONE]" ? data : JSON.parse(data) };
    });
}

/** The events' names; deltas in a row count as one. */
function orderOf(stream: string): string[] {
  const names = framesOf(stream).map(({ name }) => name);
  return names.filter((name, index) => name !== names[index - 1]);
}

/** The forms that deltas have: all that they hold, with words in place of values. */
function deltasOf(stream: string): string[] {
  const deltas = framesOf(stream).filter(({ name }) => name.endsWith(".delta"));
  const forms = deltas.map(({ data }) =>
    JSON.stringify(data, (key, value: unknown) =>
      typeof value === "string" && key !== "type" && key !== "object" ? "…" : value,
    ),
  );
  return [...new Set(forms)];
}

/** The fields of each kind of event that is no delta. */
function fieldsOf(stream: string): string[] {
  const fields = framesOf(stream).flatMap(({ name, data }) =>
    typeof data === "object" && data !== null && !name.endsWith(".delta")
      ? Object.keys(data).map((field) => `${kindOf(name)} ${field}`)
      : [],
  );
  return [...new Set(fields)].toSorted();
}

/** `thread.run.step` of `thread.run.step.completed` */
function kindOf(name: string): string {
  return name.slice(0, name.lastIndexOf("."));
}
