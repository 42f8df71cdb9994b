import { expect, test } from "vitest";

import { SCOPES } from "../../adapters/slack/manifest.ts";
import { rateLimited, refused } from "../../simulator/faults.ts";
import { createSlackSimulator, type SlackSimulator } from "../../simulator/slack/index.ts";
import { createAnsweringServer, findClosedAddress } from "../tools/answering-server.ts";
import { look } from "./look.ts";
import { createSlackDouble } from "./platform-doubles.ts";

const DEMO = { OPENAI_MODEL: "demo" };

function envOf(slack: SlackSimulator): Record<string, string> {
  const { bot, app } = slack.world.tokens;
  return { ...DEMO, SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app, SLACK_API_URL: slack.apiUrl };
}

test("a Slack in order is reached over the Web API and a socket, and the socket is closed again", async () => {
  await using slack = await createSlackSimulator();
  const seen = await look(envOf(slack));
  expect(seen).toMatchObject({ exitCode: 0, ok: true, troubles: [] });
  expect(seen.finding("slack-reached").message).toContain("@patchbay in the workspace Simulated");
  expect(seen.finding("slack-scopes").message).toContain("every scope");
  expect(seen.finding("slack-socket").message).toContain("Socket Mode works");
  await slack.waitFor(() => slack.sockets === 0);
});

test.for([
  ["auth.test", "token_revoked", "slack-bot-token-revoked", "SLACK_BOT_TOKEN=xoxb-…"],
  ["auth.test", "account_inactive", "slack-bot-token-inactive", "Reinstall"],
  ["auth.test", "token_expired", "slack-bot-token-expired", "OAuth & Permissions"],
  ["auth.test", "not_allowed_token_type", "slack-bot-token-kind", "Bot User OAuth Token"],
  ["auth.test", "org_login_required", "slack-bot-token-refused", "SLACK_BOT_TOKEN=xoxb-…"],
  ["apps.connections.open", "invalid_auth", "slack-app-token-invalid", "SLACK_APP_TOKEN=xapp-…"],
  ["apps.connections.open", "token_revoked", "slack-app-token-revoked", "App-Level Tokens"],
  [
    "apps.connections.open",
    "missing_scope",
    "slack-connections-write-missing",
    "connections:write",
  ],
] as const)("%s answering %s is told as %s", async ([method, error, code, remedy]) => {
  await using slack = await createSlackSimulator();
  slack.faults.always(method, refused(error));
  const seen = await look(envOf(slack));
  expect(seen).toMatchObject({ exitCode: 1, ok: false, troubles: [`fault ${code}`] });
  expect(seen.finding(code).remedy).toContain(remedy);
});

test("a token that Slack does not know is told apart from one in the wrong variable", async () => {
  await using slack = await createSlackSimulator();
  const env = envOf(slack);
  const wrong = await look({ ...env, SLACK_BOT_TOKEN: "xoxb-wrong" });
  expect(wrong.troubles).toEqual(["fault slack-bot-token-invalid"]);
  const swapped = await look({
    ...env,
    SLACK_BOT_TOKEN: "xapp-simulator",
    SLACK_APP_TOKEN: "xoxb-simulator",
  });
  expect(swapped.troubles).toContain("fault slack-tokens-swapped");
});

test("every missing scope is named with what will not work, and only the essential ones are faults", async () => {
  await using slack = await createSlackSimulator({
    seedWorld: { scopes: ["chat:write", "app_mentions:read"] },
  });
  const some = await look(envOf(slack));
  expect(some.ok).toBe(true);
  expect(some.troubles).toHaveLength(Object.keys(SCOPES).length - 2);
  expect(some.findings).toContainEqual(
    expect.objectContaining({
      state: "warn",
      code: "slack-scope-missing",
      message: "The app lacks the scope files:read: it cannot read the files that people attach.",
      remedy: expect.stringMatching(/Bot Token Scopes.*files:read.*Reinstall/),
    }),
  );
  slack.world.scopes.delete("chat:write");
  expect((await look(envOf(slack))).troubles).toContain("fault slack-scope-missing");
});

test("Slack configured by half is looked at as far as it goes", async () => {
  await using slack = await createSlackSimulator();
  const { SLACK_APP_TOKEN, ...withoutApp } = envOf(slack);
  const half = await look(withoutApp);
  expect(half.troubles).toEqual(["fault slack-app-token-missing"]);
  expect(half.finding("slack-app-token-missing").remedy).toMatch(
    /Basic Information → App-Level Tokens .*SLACK_APP_TOKEN=xapp-/,
  );
  expect(half.finding("slack-reached").message).toContain("@patchbay");

  const other = await look({ ...DEMO, SLACK_API_URL: slack.apiUrl, SLACK_APP_TOKEN });
  expect(other.troubles).toEqual(["fault slack-bot-token-missing"]);
  expect(other.finding("slack-socket").message).toContain("Socket Mode works");
});

test("over HTTP it says which Request URL to set", async () => {
  await using slack = await createSlackSimulator();
  const { SLACK_APP_TOKEN: _, ...env } = envOf(slack);
  const seen = await look({ ...env, SLACK_SIGNING_SECRET: "0123456789abcdef", PORT: "0" });
  expect(seen.ok).toBe(true);
  expect(seen.finding("slack-over-http").remedy).toContain("/slack/events");
});

test("Socket Mode that is switched off is told with its switch", async () => {
  await using slack = await createSlackDouble((socket) => {
    socket.send(JSON.stringify({ type: "disconnect", reason: "link_disabled" }));
  });
  const seen = await look({
    ...DEMO,
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_APP_TOKEN: "xapp-1",
    SLACK_API_URL: `http://${slack.host}/api/`,
  });
  expect(seen.troubles).toEqual(["fault slack-socket-mode-off"]);
  expect(seen.finding("slack-socket-mode-off").remedy).toContain("Enable Socket Mode");
});

test("a socket that says nothing, or is cut, is a finding within the bound", async () => {
  const env = { ...DEMO, SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };
  await using mute = await createSlackDouble(() => {});
  await using cut = await createSlackDouble((socket) => socket.terminate());
  for (const { host } of [mute, cut]) {
    const seen = await look({ ...env, SLACK_API_URL: `http://${host}/api/` }, { bound: 1_200 });
    expect(seen.troubles).toEqual(["fault slack-socket-unreachable"]);
  }
});

test("sockets that are open already are told, since a bot with these tokens is running", async () => {
  await using slack = await createSlackDouble((socket) => {
    socket.send(JSON.stringify({ type: "hello", num_connections: 3 }));
  });
  const env = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };
  const seen = await look({ ...DEMO, ...env, SLACK_API_URL: `http://${slack.host}/api/` });
  expect(seen.finding("slack-socket").message).toContain("2 more are open");
});

test("a Slack that cannot be reached, or is none, is told apart from a wrong token", async () => {
  const env = { ...DEMO, SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "0123456789abcdef" };
  const closed = await look({ ...env, SLACK_API_URL: `${await findClosedAddress()}/api/` });
  expect(closed.troubles).toEqual(["fault slack-unreachable"]);
  expect(closed.finding("slack-unreachable").message).toContain("connection refused");
  await using web = await createAnsweringServer(() => ({ status: 404, body: "<h1>Not here</h1>" }));
  const page = await look({ ...env, SLACK_API_URL: `${web.url}/api/` });
  expect(page.troubles).toEqual(["fault slack-no-slack"]);
});

test("a rate limit is no fault of the set-up", async () => {
  await using slack = await createSlackSimulator();
  slack.faults.always("apps.connections.open", rateLimited(30));
  expect(await look(envOf(slack))).toMatchObject({
    exitCode: 0,
    troubles: ["warn slack-rate-limited"],
  });
});
