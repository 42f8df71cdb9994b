import path from "node:path";

import { expect, test } from "vitest";

import { checkNode } from "../../src/doctor/configuration.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { PlatformChecks } from "../../src/doctor/platform-check.ts";
import { createModelEndpoint } from "../doubles/model-endpoint.ts";
import { createFolder, look, read } from "./look.ts";

/** Platforms that are looked at as the test says. */
function checksThat(check: () => Promise<readonly Finding[]>): PlatformChecks {
  const platform = { howToBegin: "Begin here\nand go on there", remedies: {}, check };
  return { slack: platform, discord: platform };
}

test("a newcomer reads what works without anything, and three next steps", async () => {
  const text = await read({});
  expect(text).toContain("✓ Slack is simulated.");
  expect(text).toMatch(/It works as it is: run `npm start` and chat .* with the demo model\./);
  expect(text).toMatch(/1\. A model\n[^]*2\. Slack\n[^]*3\. Discord\n/);
  expect(text).toContain("From a manifest → choose the workspace → paste manifest.yml");
  expect(text).toMatch(/No faults, no warnings\.\n$/);
});

test("one finding is one line with its way out below, and colours come only where they are wanted", async () => {
  const env = { OPENAI_MODEL: "demo", PORT: "http" };
  const plain = await read(env);
  expect(plain).toContain(
    'HTTP\n  ✗ PORT is "http"; it must be a number from 0 to 65535.\n      In .env: PORT=3000\n',
  );
  expect(plain).toContain("1 fault, no warnings.");
  // oxlint-disable-next-line no-control-regex -- colours are control characters.
  expect(plain).not.toMatch(/\u001B/);
  expect(await read(env, { colour: true })).toContain("\u001B[31m✗\u001B[0m PORT");
});

test("names that were probably meant for Patchbay or its tools are pointed at", async () => {
  const seen = await look({
    SLACK_TOKEN: "xoxb-1",
    SLACK_BOTTOKEN: "xoxb-1",
    DISCORD_BOT_TOKEN: "t",
    OPENAI_KEY: "sk-1",
    DATABSE_URL: "postgres://",
    // Other people's.
    HOME: "/home/ana",
    HOSTNAME: "box",
    LOGNAME: "ana",
    NODE_ENV: "production",
    OPENAI_ORG_ID: "org",
  });
  const told = seen.findings.filter(({ code }) => code === "variable-misspelt");
  expect(told.map(({ message }) => message?.replace(" is set, but nothing reads it", ""))).toEqual([
    "DATABSE_URL: did you mean DATABASE_URL?",
    "DISCORD_BOT_TOKEN: did you mean DISCORD_TOKEN?",
    "OPENAI_KEY: did you mean OPENAI_API_KEY?",
    "SLACK_BOTTOKEN: did you mean SLACK_BOT_TOKEN?",
    "SLACK_TOKEN: did you mean SLACK_BOT_TOKEN?",
  ]);
  expect(seen.exitCode).toBe(0);
});

test("all faults of the environment are told at once, each in its place", async () => {
  await using folder = await createFolder();
  const seen = await look({
    HOST: "0.0.0.0",
    PORT: "99999",
    LOG_LEVEL: "loud",
    SLACK_STREAMING: "fast",
    OPENAI_BASE_URL: "localhost:11434",
    DISCORD_TOKEN_FILE: path.join(folder.path, "absent"),
    ASSISTANTS_API_KEY: "remote-key-1",
  });
  expect(seen.exitCode).toBe(1);
  expect(seen.troubles).toEqual(
    expect.arrayContaining([
      "fault log-level-invalid",
      "fault slack-streaming-invalid",
      "fault openai-base-url-invalid",
      "fault secret-file-unreadable",
      "fault assistants-base-url-missing",
      "fault port-invalid",
      "fault admin-token-missing",
    ]),
  );
  const bare = await look({ HOST: "0.0.0.0", ADMIN_TOKEN: "0123456789abcdef" });
  expect(bare.troubles).toEqual(["fault platform-missing"]);
});

test("no value of a secret is ever printed, wrong ones included", async () => {
  await using model = await createModelEndpoint({
    answer: ({ headers }) => ({
      status: 500,
      body: { error: { message: `no use for ${String(headers["authorization"])}` } },
    }),
  });
  const env = {
    SLACK_BOT_TOKEN: "xapp-bottoken-secret",
    SLACK_APP_TOKEN: "xoxb-apptoken-secret",
    SLACK_SIGNING_SECRET: "signing-secret",
    OPENAI_API_KEY: "sk-openai-secret",
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: "test-model",
    DATABASE_URL: "mysql://ana:database-secret@127.0.0.1/x",
    API_KEYS: "first-key-secret,second-key-secret",
    ADMIN_TOKEN: "short-secret",
  };
  const text = (await read(env)) + JSON.stringify((await look(env)).findings);
  expect(text).toContain("[secret]");
  expect(text).not.toMatch(
    /token-secret|signing-secret|openai-secret|key-secret|short-secret|ana:/,
  );
});

test("a check that throws, or does not end, is a finding and costs the others nothing", async () => {
  const env = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", OPENAI_MODEL: "demo" };
  const thrown = await look(env, {
    checks: checksThat(() => Promise.reject(new Error("the floor is wet"))),
  });
  expect(thrown.troubles).toEqual(["fault slack-check-failed"]);
  expect(thrown.finding("slack-check-failed").message).toContain("the floor is wet");
  const hung = await look(env, {
    checks: checksThat(() => new Promise(() => {})),
    bound: 1_200,
  });
  expect(hung.troubles).toEqual(["fault slack-check-timed-out"]);
  expect(hung.finding("database-new").message).toContain("at the first start");
});

test("an old Node is told with the way to the right one", () => {
  expect(checkNode("26.10.0").state).toBe("ok");
  expect(checkNode("22.18.0")).toMatchObject({ state: "fault", code: "node-too-old" });
});
