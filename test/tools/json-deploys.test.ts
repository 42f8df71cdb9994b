import { expect, test } from "vitest";

import { createAnsweringServer, LOGIN_PAGE, type Given } from "./answering-server.ts";
import { bundled } from "./bundled.ts";

const TOKEN = "correct-horse-battery";

async function ask(given: Given, template: string, args: Readonly<Record<string, string>>) {
  await using server = await createAnsweringServer(({ headers }) =>
    headers.authorization === `Bearer ${TOKEN}` ? given : { status: 401, body: {} },
  );
  const env = { DEPLOY_STATUS_URL: `${server.url}${template}`, DEPLOY_STATUS_TOKEN: TOKEN };
  const output = await bundled("deploy_status", env)(args);
  const [asked] = server.asked;
  return {
    output,
    path: asked === undefined ? undefined : `${asked.path}?${asked.query.toString()}`,
  };
}

test("common names of fields are understood, and the placeholders are filled in safely", async () => {
  const body = {
    App: "checkout",
    env: "prod",
    image_tag: "2.14.0",
    Status: "running",
    deployedAt: "2026-11-02T09:10:44Z",
    deployed_by: "ana",
    link: "https://deploys.example.com/1",
    replicas: 3,
  };
  const args = { service: "check/out?", environment: "prod&x=1" };
  const { output, path } = await ask({ body }, "/status/{service}?env={environment}", {
    ...args,
    environment: "production",
  });
  expect(path).toBe("/status/check%2Fout%3F?env=production");
  expect(JSON.parse(output)).toEqual({
    service: "checkout",
    environment: "prod",
    version: "2.14.0",
    state: "running",
    at: "2026-11-02T09:10:44Z",
    by: "ana",
    url: "https://deploys.example.com/1",
  });
  const other = await ask({ body }, "/status/{service}?env={environment}", args);
  expect(other.path).toBe("/status/check%2Fout%3F?env=prod%26x%3D1");
});

test("a list of all services is searched for the one that is asked for", async () => {
  const body = {
    items: [
      { name: "billing", environment: "production", version: "5.2.1", state: "ok" },
      { name: "checkout", environment: "staging", version: "2.15.0", state: "ok" },
      { name: "checkout", environment: "production", version: "2.14.0", state: "ok" },
    ],
  };
  const all = await ask({ body }, "/status", { service: "checkout" });
  expect(JSON.parse(all.output)).toMatchObject({
    version: "2.14.0",
    others: [{ environment: "staging", version: "2.15.0" }],
  });
  const staging = await ask({ body }, "/status", { service: "checkout", environment: "staging" });
  expect(JSON.parse(staging.output)).toMatchObject({ version: "2.15.0" });
  const none = await ask({ body }, "/status", { service: "search" });
  expect(none.output).toBe("The deployment status endpoint knows no search.");
});

test("JSON with other fields is passed on, shortened", async () => {
  const small = await ask({ body: { colour: "green" } }, "/{service}", { service: "checkout" });
  expect(small.output).toBe('{"colour":"green"}');
  const large = await ask({ body: { log: "x".repeat(9_000) } }, "/{service}", {
    service: "checkout",
  });
  expect(large.output).toHaveLength(4_000);
  expect(large.output).toMatch(/x…$/);
});

test.each<[string, Given, RegExp]>([
  [
    "an unknown service",
    { status: 404, body: { message: "no such app" } },
    /^The deployment status endpoint knows no checkout \(no such app\)\.$/,
  ],
  [
    "a missing page",
    { status: 404, body: "<h1>Not found</h1>" },
    /^Error: The deployment status endpoint was not found at http:.*DEPLOY_STATUS_URL\.$/,
  ],
  [
    "a refused token",
    { status: 403, body: {} },
    /^Error: The deployment status endpoint does not allow this \(HTTP 403\)\. An admin has to give the account of DEPLOY_STATUS_TOKEN/,
  ],
  [
    "a limit",
    { status: 429, body: {}, headers: { "retry-after": "5" } },
    /no more requests for now\. Try again in 5 s\.$/,
  ],
  ["a login page", { body: LOGIN_PAGE }, /most likely a login page.*DEPLOY_STATUS_URL/],
  [
    "plain text",
    { body: "all good", headers: { "content-type": "text/plain" } },
    /did not answer with JSON/,
  ],
  ["its token", { body: { state: "ok", version: TOKEN } }, /"version":"\[secret\]"/],
])("an endpoint that answers with %s is told plainly", async (_name, given, sentence) => {
  const { output } = await ask(given, "/{service}", { service: "checkout" });
  expect(output).toMatch(sentence);
});

test("an endpoint that wants a login says which variable is missing", async () => {
  await using server = await createAnsweringServer(() => ({ status: 401, body: {} }));
  const env = { DEPLOY_STATUS_URL: `${server.url}/{service}` };
  expect(await bundled("deploy_status", env)({ service: "checkout" })).toBe(
    "Error: The deployment status endpoint wants a login (HTTP 401). An admin has to set DEPLOY_STATUS_TOKEN.",
  );
});

test("nobody but the admin chooses the host and the path that are asked", async () => {
  const env = { DEPLOY_STATUS_URL: "https://{service}/status", DEPLOY_STATUS_TOKEN: TOKEN };
  expect(await bundled("deploy_status", env)({ service: "evil.example.com" })).toBe(
    "Error: DEPLOY_STATUS_URL has a placeholder in its host. An admin has to move it behind the host.",
  );
  const { output, path } = await ask({ body: {} }, "/apps/{service}/state", { service: ".." });
  expect(output).toMatch(/^Error: the arguments do not fit: service: must be a name/);
  expect(path).toBeUndefined();
  const needs = await ask({ body: {} }, "/{environment}/{service}", { service: "checkout" });
  expect(needs.output).toBe(
    "Error: Call the tool again with an environment: DEPLOY_STATUS_URL needs one.",
  );
});

test("an answer that is too large is not read to its end", async () => {
  const { output } = await ask({ body: { log: "x".repeat(10_000_001) } }, "/", { service: "a" });
  expect(output).toBe("Error: The deployment status endpoint answered with more than 10 MB.");
});
