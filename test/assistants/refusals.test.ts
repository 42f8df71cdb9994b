import { afterAll, beforeAll, expect, test } from "vitest";

import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { openProcess, prepare, type Process } from "../doubles/assistants.ts";
import { REFUSED } from "./refused-requests.ts";

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

test.each(REFUSED)(
  "%s is refused in the hosted API's words",
  async (_, path, body, message, param, code) => {
    expect(await raw("POST", path, body)).toEqual(error(400, message, param, code));
  },
);

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
  expect(await raw("GET", `/threads/${thread}/messages?before=msg_x`)).toEqual(
    error(404, "No message found with id 'msg_x'."),
  );
  expect(await raw("GET", `/threads/${thread}/runs?order=up`)).toEqual(
    error(
      400,
      "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.",
      "order",
      "invalid_value",
    ),
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
