import { afterAll, beforeAll, expect, test } from "vitest";

import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { openProcess, prepare, type Process } from "../doubles/assistants.ts";

let database: Database;
let here: Process;
beforeAll(async () => {
  database = await openDatabase({});
  await migrate(database);
  here = await openProcess(database);
});
afterAll(async () => {
  await here[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** What goes over the wire. */
async function raw(method: string, path: string, body?: unknown) {
  const request = new Request(`http://in-process/v1${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const response = await here.server.fetch(request);
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

function error(
  status: number,
  message: string,
  param: string | null = null,
  code: string | null = null,
) {
  return { status, answer: { error: { message, type: "invalid_request_error", param, code } } };
}

test.each([
  [
    "a body that is not JSON",
    "/assistants",
    "{",
    expect.stringMatching(/^We could not parse the JSON body/),
    null,
    null,
  ],
  [
    "an unknown parameter",
    "/assistants",
    { model: "m", x: 1 },
    "Unknown parameter: 'x'.",
    "x",
    "unknown_parameter",
  ],
  [
    "an unknown parameter inside",
    "/threads",
    { messages: [{ role: "user", content: "a", x: 1 }] },
    "Unknown parameter: 'messages[0].x'.",
    "messages[0].x",
    "unknown_parameter",
  ],
  [
    "a missing one",
    "/assistants",
    {},
    "Missing required parameter: 'model'.",
    "model",
    "missing_required_parameter",
  ],
  [
    "a wrong type",
    "/assistants",
    { model: 5 },
    "Invalid type for 'model': expected a string, but got an integer instead.",
    "model",
    "invalid_type",
  ],
  [
    "content of a wrong type",
    "/threads",
    { messages: [{ role: "user", content: 5 }] },
    "Invalid type for 'messages[0].content': expected a string or an array, but got an integer instead.",
    "messages[0].content",
    "invalid_type",
  ],
  [
    "a wrong word",
    "/threads",
    { messages: [{ role: "system", content: "a" }] },
    "Invalid value: 'system'. Supported values are: 'user' and 'assistant'.",
    "messages[0].role",
    "invalid_value",
  ],
  [
    "a long name",
    "/assistants",
    { model: "m", name: "n".repeat(257) },
    "Invalid 'name': string too long. Expected a string with maximum length 256, but got a string with length 257 instead.",
    "name",
    "string_above_max_length",
  ],
  [
    "too much metadata",
    "/threads",
    {
      metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"])),
    },
    "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
    "metadata",
    "object_above_max_properties",
  ],
  [
    "a temperature out of range",
    "/assistants",
    { model: "m", temperature: 2.5 },
    "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
    "temperature",
    "decimal_above_max_value",
  ],
  [
    "too few tokens",
    "/threads/t/runs",
    { assistant_id: "a", max_prompt_tokens: 10 },
    "Invalid 'max_prompt_tokens': integer below minimum value. Expected a value >= 256, but got 10 instead.",
    "max_prompt_tokens",
    "integer_below_min_value",
  ],
  [
    "empty content",
    "/threads",
    { messages: [{ role: "user", content: "" }] },
    "Message content must be non-empty.",
    "messages[0].content",
    null,
  ],
  [
    "a tool that is not offered",
    "/assistants",
    { model: "m", tools: [{ type: "file_search" }] },
    "This server does not offer file search yet.",
    "tools[0]",
    "not_offered",
  ],
  [
    "a response format of its own",
    "/assistants",
    { model: "m", response_format: { type: "xml" } },
    "Invalid value: 'xml'. Supported values are: 'text', 'json_object', and 'json_schema'.",
    "response_format.type",
    "invalid_value",
  ],
])("%s is refused in the hosted API's words", async (_, path, body, message, param, code) => {
  expect(await raw("POST", path, body)).toEqual(error(400, message, param, code));
});

test("what is not there is named", async () => {
  const { thread } = await prepare(here.client);
  expect(await raw("GET", "/assistants/asst_x")).toEqual(
    error(404, "No assistant found with id 'asst_x'."),
  );
  expect(await raw("GET", "/threads/thread_x")).toEqual(
    error(404, "No thread found with id 'thread_x'."),
  );
  expect(await raw("GET", `/threads/${thread}/runs/run_x`)).toEqual(
    error(404, "No run found with id 'run_x'."),
  );
  expect(await raw("GET", "/threads/thread_x/messages")).toEqual(
    error(404, "No thread found with id 'thread_x'."),
  );
  expect(await raw("DELETE", `/threads/${thread}/messages/msg_x`)).toEqual(
    error(404, "No message found with id 'msg_x'."),
  );
  expect(await raw("POST", `/threads/${thread}/runs`, { assistant_id: "asst_x" })).toEqual(
    error(404, "No assistant found with id 'asst_x'."),
  );
  expect(await raw("GET", "/nothing")).toEqual(error(404, "Invalid URL (GET /v1/nothing)"));
  expect(await raw("GET", "/assistants?limit=101")).toEqual(
    error(
      400,
      "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
      "limit",
      "integer_above_max_value",
    ),
  );
});
