import { expect, test } from "vitest";

import { createModelEndpoint, type ModelEndpoint } from "../doubles/model-endpoint.ts";
import { createAnsweringServer, findClosedAddress } from "../tools/answering-server.ts";
import { look } from "./look.ts";

function envOf(model: ModelEndpoint): Record<string, string> {
  return { OPENAI_BASE_URL: model.url, OPENAI_MODEL: "test-model" };
}

test("a model in order is asked once, with a tool on offer", async () => {
  await using model = await createModelEndpoint();
  const seen = await look(envOf(model));
  expect(seen).toMatchObject({ exitCode: 0, troubles: [] });
  expect(seen.finding("model-answers").message).toMatch(/test-model at 127\.0\.0\.1:\d+ answers/);
  expect(model.requests.map(({ functions }) => functions)).toEqual([["current_time"]]);
});

test("a key that is wrong is told apart from one that is missing", async () => {
  await using model = await createModelEndpoint({ key: "sk-right-and-long" });
  const wrong = await look({ ...envOf(model), OPENAI_API_KEY: "sk-wrong-and-long" });
  expect(wrong).toMatchObject({ exitCode: 1, troubles: ["fault model-key-refused"] });
  expect(wrong.finding("model-key-refused").remedy).toContain("Create new secret key");
  expect(JSON.stringify(wrong.findings)).not.toContain("wrong-and-long");
  expect((await look(envOf(model))).troubles).toEqual(["fault model-key-missing"]);
});

test("an unknown model is told with those that the endpoint has", async () => {
  await using model = await createModelEndpoint();
  model.script({ status: 404, body: { error: { message: 'model "tset-model" not found' } } });
  const seen = await look({ ...envOf(model), OPENAI_MODEL: "tset-model" });
  expect(seen.troubles).toEqual(["fault model-unknown"]);
  expect(seen.finding("model-unknown").remedy).toContain("OPENAI_MODEL=test-model");
});

test("a model that answers only without tools is a fault, in the endpoint's own words", async () => {
  await using model = await createModelEndpoint({
    answer: ({ functions }) =>
      functions.length === 0
        ? "ready"
        : { status: 400, body: { error: { message: "test-model does not support tools" } } },
  });
  const seen = await look(envOf(model));
  expect(seen.troubles).toEqual(["fault model-without-tools"]);
  expect(seen.finding("model-without-tools").message).toContain("does not support tools");
  expect(seen.finding("model-without-tools").remedy).toContain("--jinja");
});

test.for([
  [402, { message: "no credit" }, "fault model-quota"],
  [429, { message: "quota", code: "insufficient_quota" }, "fault model-quota"],
  [429, { message: "slow down" }, "warn model-rate-limited"],
  [403, { message: "not for you" }, "fault model-forbidden"],
  [500, { message: "CUDA out of memory" }, "fault model-fails"],
] as const)("HTTP %i with %o is told as %s", async ([status, error, trouble]) => {
  await using model = await createModelEndpoint({ answer: () => ({ status, body: { error } }) });
  expect((await look(envOf(model))).troubles).toEqual([trouble]);
});

test("the wrong one of the two APIs is told with the line that changes it", async () => {
  await using model = await createModelEndpoint({ answer: () => ({ status: 404 }) });
  const seen = await look({ ...envOf(model), MODEL_API: "responses" });
  expect(seen.troubles).toEqual(["fault model-api"]);
  expect(seen.finding("model-api").remedy).toContain("MODEL_API=chat");
});

test("a base URL that is cut short is told with the whole one", async () => {
  await using model = await createModelEndpoint();
  const seen = await look({ ...envOf(model), OPENAI_BASE_URL: model.url.replace(/v1$/, "") });
  expect(seen.troubles).toEqual(["fault model-address"]);
  expect(seen.finding("model-address").remedy).toContain(`OPENAI_BASE_URL=${model.url}`);
  await using page = await createAnsweringServer(() => ({ body: "<h1>Hello</h1>" }));
  const other = await look({ ...envOf(model), OPENAI_BASE_URL: page.url });
  expect(other.troubles).toEqual(["fault model-address"]);
});

test("an endpoint that is not there is told with how to start one", async () => {
  const OPENAI_BASE_URL = `${await findClosedAddress()}/v1`;
  const seen = await look({ OPENAI_BASE_URL, OPENAI_MODEL: "llama3.2" });
  expect(seen.troubles).toEqual(["fault model-unreachable"]);
  expect(seen.finding("model-unreachable").message).toContain("connection refused");
  expect(seen.finding("model-unreachable").remedy).toContain("ollama serve");
});

test("an endpoint that is silent is a fault, and one that only takes its time is none", async () => {
  await using silent = await createAnsweringServer(() => "silence");
  const env = { OPENAI_BASE_URL: `${silent.url}/v1`, OPENAI_MODEL: "m" };
  expect((await look(env, { bound: 1_200 })).troubles).toEqual(["fault model-silent"]);
  await using slow = await createModelEndpoint({ answer: () => [{ end: "stall" }] });
  const seen = await look(envOf(slow), { bound: 1_200 });
  expect(seen).toMatchObject({ exitCode: 0, troubles: ["warn model-slow"] });
});

test("without a model's name, those that the endpoint has are offered", async () => {
  await using model = await createModelEndpoint();
  const seen = await look({ OPENAI_BASE_URL: model.url });
  expect(seen.troubles).toEqual(["fault openai-model-missing", "warn model-offered"]);
  expect(seen.finding("model-offered").remedy).toContain("OPENAI_MODEL=test-model");
});

test("with the demo model, a server on this machine is offered with its own model", async () => {
  await using ollama = await createAnsweringServer(() => ({
    body: { object: "list", data: [{ id: "nomic-embed-text:latest" }, { id: "llama3.2:latest" }] },
  }));
  await using other = await createAnsweringServer(() => ({ body: { hello: "world" } }));
  await using mute = await createAnsweringServer(() => "silence");
  const localServers = [
    { server: "vLLM", baseURL: `${mute.url}/v1` },
    { server: "llama.cpp", baseURL: `${other.url}/v1` },
    { server: "Ollama", baseURL: `${ollama.url}/v1` },
  ];
  const seen = await look({}, { localServers });
  expect(seen.ok).toBe(true);
  expect(seen.finding("model-demo").remedy).toContain(
    `OPENAI_BASE_URL=${ollama.url}/v1 and OPENAI_MODEL=llama3.2:latest`,
  );
  const missing = await look(
    { SLACK_BOT_TOKEN: "xoxb-1", SLACK_API_URL: `${other.url}/api/` },
    { localServers },
  );
  expect(missing.troubles).toContain("fault openai-api-key-missing");
  expect(missing.finding("model-at-hand").remedy).toContain("OPENAI_MODEL=llama3.2:latest");
});

test("a remote Assistants endpoint is asked for its assistants", async () => {
  const answers = [
    { body: { object: "list", data: [], has_more: false } },
    { status: 401, body: { error: { message: "no" } } },
    { status: 404, body: { error: { message: "gone" } } },
    { status: 502, body: "bad gateway" },
  ];
  await using server = await createAnsweringServer(() => answers.shift() ?? "silence");
  const env = { ASSISTANTS_BASE_URL: `${server.url}/v1`, ASSISTANTS_API_KEY: "remote-key-1" };
  const seen: (readonly string[])[] = [];
  for (const _ of [1, 2, 3, 4]) seen.push((await look(env)).troubles);
  const closed = await look({ ASSISTANTS_BASE_URL: `${await findClosedAddress()}/v1` });
  expect([...seen, closed.troubles]).toEqual([
    [],
    ["fault assistants-key-refused"],
    ["fault assistants-not-served"],
    ["fault assistants-fail"],
    ["fault assistants-unreachable"],
  ]);
  expect(server.asked.map(({ path }) => path)).toEqual(Array(4).fill("/v1/assistants"));
});
