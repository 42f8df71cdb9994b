import { describe, expect, test } from "vitest";

import { createModel, type EndpointSettings } from "../../src/assistants/models/index.ts";
import { ModelFailed, type Model } from "../../src/assistants/models/model.ts";
import { collect, textOf } from "../contracts/model.ts";
import { createModelEndpoint, type Answer } from "../doubles/model-endpoint.ts";
import { never, request } from "./ask-model.ts";

const KEY = "sk-secret-key-of-the-test";

async function failureOf(model: Model): Promise<ModelFailed> {
  const error: unknown = await collect(model.stream(request, never)).catch(
    (caught: unknown) => caught,
  );
  if (!(error instanceof ModelFailed))
    throw new Error("the model did not fail as it should", { cause: error });
  return error;
}

const error = (status: number, details: object, headers = {}): Answer => ({
  status,
  body: { error: details },
  headers,
});

/** What the endpoint does, and the code and sentence that come of it; `passing` is whether a retry makes sense. */
const failures: readonly [string, Answer, ModelFailed["code"], boolean, RegExp][] = [
  [
    "a wrong key",
    error(401, { message: `Incorrect API key provided: ${KEY}` }),
    "server_error",
    false,
    /refused the API key/,
  ],
  [
    "a forbidden model",
    error(403, { message: "no access" }),
    "server_error",
    false,
    /does not allow/,
  ],
  [
    "an unknown model",
    error(404, { message: "no such model", code: "model_not_found" }),
    "server_error",
    false,
    /know this model/,
  ],
  [
    "a bad parameter",
    error(400, { message: "bad", param: "temperature" }),
    "invalid_prompt",
    false,
    /refused the request \(temperature\)/,
  ],
  [
    "a long conversation",
    error(400, { message: "x", code: "context_length_exceeded" }),
    "invalid_prompt",
    false,
    /too long/,
  ],
  [
    "a long conversation, told in words",
    error(400, { message: "the request exceeds the available context size" }),
    "invalid_prompt",
    false,
    /too long/,
  ],
  [
    "a filtered conversation",
    error(400, { message: "x", code: "content_filter" }),
    "invalid_prompt",
    false,
    /content filter/,
  ],
  [
    "an image, by a model that sees none",
    error(400, { message: "Invalid content type. image_url is only supported by certain models." }),
    "invalid_prompt",
    false,
    /may not see images/,
  ],
  [
    "an image, by a local model that sees none",
    error(500, { message: "image input is not supported - you may need to provide the mmproj" }),
    "invalid_prompt",
    false,
    /may not see images/,
  ],
  [
    "a used up quota",
    error(429, { message: "x", code: "insufficient_quota" }),
    "rate_limit_exceeded",
    false,
    /quota/,
  ],
  ["a rate limit", error(429, { message: "x" }), "rate_limit_exceeded", true, /too much/],
  [
    "a crash",
    error(500, { message: "boom at server.py:12" }),
    "server_error",
    true,
    /failed \(HTTP 500\)/,
  ],
  [
    "a proxy's error page",
    { status: 502, body: "<html>Bad gateway</html>", headers: { "content-type": "text/html" } },
    "server_error",
    true,
    /HTTP 502/,
  ],
  ["an empty answer", [{ end: "quiet" }], "server_error", true, /empty answer/],
  [
    "an answer that ends without a finish reason",
    [{ text: "half" }, { end: "quiet" }],
    "server_error",
    true,
    /ended its answer in the middle/,
  ],
  [
    "a cut connection",
    [{ text: "half" }, { end: "cut" }],
    "server_error",
    true,
    /broke in the middle/,
  ],
  [
    "something that is not JSON",
    [{ text: "half" }, { raw: "data: {oops\n\n" }],
    "server_error",
    true,
    /not an answer of a model/,
  ],
  [
    "something of another shape",
    [{ raw: 'data: "hello"\n\n' }],
    "server_error",
    true,
    /not an answer of a model/,
  ],
  [
    "an error in the middle",
    [{ text: "half" }, { error: { message: "boom", code: "server_error" } }],
    "server_error",
    true,
    /endpoint failed/,
  ],
  [
    "a rate limit in the middle",
    [{ text: "half" }, { error: { message: "x", code: "rate_limit_exceeded" } }],
    "rate_limit_exceeded",
    true,
    /too much/,
  ],
  [
    "a web page in place of an answer",
    { status: 200, body: "<html>Welcome</html>", headers: { "content-type": "text/html" } },
    "server_error",
    true,
    /empty answer/,
  ],
];

describe.each(["chat", "responses"] as const)("what goes wrong over %s", (kind) => {
  const over = (endpoint: { url: string }, more: Partial<EndpointSettings> = {}): Model =>
    createModel({ kind, apiKey: KEY, baseURL: endpoint.url, ...more });

  test.each(failures)(
    "%s becomes one honest sentence",
    async (_name, answer, code, passing, sentence) => {
      await using endpoint = await createModelEndpoint();
      endpoint.script(answer);
      const failed = await failureOf(over(endpoint));
      expect(failed).toMatchObject({ code, passing, message: expect.stringMatching(sentence) });
      expect(failed.message).not.toMatch(/sk-|127\.0\.0\.1|https?:|\n|\.py/);
      expect(endpoint.requests).toHaveLength(1);
    },
  );

  test.each([
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "7", "retry-after-ms": "250" }, 250],
    [{}, undefined],
  ])(
    "a rate limit with the headers %j is to be tried again after %s ms",
    async (headers, expected) => {
      await using endpoint = await createModelEndpoint();
      endpoint.script(error(429, { message: "slow down" }, headers));
      expect((await failureOf(over(endpoint))).retryAfter).toBe(expected);
    },
  );

  test("a refusal counts as text, a filtered answer says why it ended", async () => {
    await using endpoint = await createModelEndpoint();
    endpoint.script(
      [{ refusal: "I cannot " }, { refusal: "do that." }],
      [{ text: "Well" }, { finish: "content_filter" }],
    );
    const refused = await collect(over(endpoint).stream(request, never));
    expect(textOf(refused)).toBe("I cannot do that.");
    expect(refused.at(-1)).toMatchObject({ reason: "stop" });
    const filtered = await collect(over(endpoint).stream(request, never));
    expect(filtered.at(-1)).toMatchObject({ type: "end", reason: "content_filter" });
  });
});
