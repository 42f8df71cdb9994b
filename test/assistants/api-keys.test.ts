import { Hono } from "hono";
import { expect, test } from "vitest";

import { requireApiKey } from "../../src/assistants/api-keys.ts";

const app = new Hono().use(requireApiKey(["sk-one", "sk-two"])).get("/", ({ text }) => text("in"));

test.each(["sk-one", "sk-two"])("key %s opens the door", async (key) => {
  const response = await app.request("/", { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("in");
});

test.each([
  ["no key", {}, /^You didn't provide an API key\./, null],
  [
    "another key",
    { authorization: "Bearer sk-three" },
    "Incorrect API key provided.",
    "invalid_api_key",
  ],
  ["a key of another scheme", { authorization: "Basic sk-one" }, /^You didn't provide/, null],
])("%s gets OpenAI's 401", async (_, headers: Record<string, string>, message, code) => {
  const response = await app.request("/", { headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({
    error: {
      message: expect.stringMatching(message),
      type: "invalid_request_error",
      param: null,
      code,
    },
  });
});
