import { expect, test } from "vitest";

import { createDiscordSimulator } from "../../simulator/discord/index.ts";
import { createSlackSimulator } from "../../simulator/slack/index.ts";
import { makeDataDir, runMain, startBot } from "./bot.ts";

const model = { OPENAI_MODEL: "demo" };

test.each<[string, Record<string, string>, string[]]>([
  [
    "Slack with a bot token alone",
    { SLACK_BOT_TOKEN: "xoxb-1", ...model },
    ["SLACK_APP_TOKEN is missing"],
  ],
  [
    "Slack with an app token alone",
    { SLACK_APP_TOKEN: "xapp-1", ...model },
    ["SLACK_BOT_TOKEN is missing"],
  ],
  [
    "Slack's tokens mixed up",
    { SLACK_BOT_TOKEN: "xapp-1", SLACK_APP_TOKEN: "xoxb-1", ...model },
    ["SLACK_BOT_TOKEN holds", "SLACK_APP_TOKEN holds"],
  ],
  [
    "a Discord URL without a token",
    { DISCORD_API_URL: "http://127.0.0.1:9/api", ...model },
    ["DISCORD_TOKEN is missing"],
  ],
  ["a platform without a model", { DISCORD_TOKEN: "x" }, ["OPENAI_API_KEY is missing"]],
  [
    "a base URL without a model",
    { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" },
    ["OPENAI_MODEL is missing"],
  ],
  [
    "unknown values",
    { SLACK_STREAMING: "fast", LOG_LEVEL: "loud", PORT: "eighty" },
    ["SLACK_STREAMING", "LOG_LEVEL", "PORT"],
  ],
  ["a DATABASE_URL of another kind", { DATABASE_URL: "mysql://x/y" }, ["DATABASE_URL"]],
  [
    "a DATABASE_URL that nobody answers",
    { DATABASE_URL: "postgres://127.0.0.1:9/x" },
    ["DATABASE_URL"],
  ],
  ["a DATA_DIR that cannot be made", { DATA_DIR: "/dev/null/data" }, ["DATA_DIR"]],
  [
    "a HOST that others reach, without platform and token",
    { HOST: "0.0.0.0" },
    ["DISCORD_TOKEN", "ADMIN_TOKEN"],
  ],
])("%s: one clear line for each fault, and no stack trace", async (_name, env, expected) => {
  const { code, output } = await runMain([], env);
  expect(code).toBe(1);
  const lines = output.trim().split("\n");
  for (const part of expected) expect(lines.filter((line) => line.includes(part))).toHaveLength(1);
  expect(lines).toHaveLength(
    expected.length === 2 && env["HOST"] !== undefined ? 2 : expected.length,
  );
  expect(output).not.toMatch(/^\s+at /m);
});

test("tokens that the platforms do not take: one line that names the variable, and exit code 1", async () => {
  await using slack = await createSlackSimulator();
  await using discord = await createDiscordSimulator();
  await using data = await makeDataDir();
  const common = { DATA_DIR: data.path, OPENAI_MODEL: "demo", LOG_LEVEL: "error" };
  const overSlack = {
    ...common,
    SLACK_API_URL: slack.apiUrl,
    SLACK_APP_TOKEN: slack.world.tokens.app,
  };
  for (const [variable, env] of [
    ["SLACK_BOT_TOKEN", { ...overSlack, SLACK_BOT_TOKEN: "xoxb-wrong" }],
    [
      "SLACK_APP_TOKEN",
      { ...overSlack, SLACK_BOT_TOKEN: slack.world.tokens.bot, SLACK_APP_TOKEN: "xapp-wrong" },
    ],
    ["DISCORD_TOKEN", { ...common, DISCORD_API_URL: discord.apiUrl, DISCORD_TOKEN: "wrong" }],
  ] as const) {
    const { code, output } = await runMain([], env);
    expect(code).toBe(1);
    const lines = output.trim().split("\n");
    expect(lines.filter((line) => line.startsWith("✗") && line.includes(variable))).toHaveLength(1);
    expect(output).not.toMatch(/^\s+at /m);
  }
});

test("a model endpoint that is not there is said in one line, and the bot waits for it", async () => {
  await using data = await makeDataDir();
  await using bot = await startBot({
    env: { DATA_DIR: data.path, OPENAI_BASE_URL: "http://127.0.0.1:59999/v1", OPENAI_MODEL: "x" },
  });
  await bot.until(
    /^! OPENAI_BASE_URL: the model endpoint 127\.0\.0\.1:59999 cannot be reached \(connection refused\)/m,
  );
  expect(bot.process.exitCode).toBeNull();
});
