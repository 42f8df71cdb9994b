import OpenAI from "openai";
import { expect, test } from "vitest";

import { createSlackSimulator } from "../../simulator/slack/index.ts";
import { createModelEndpoint } from "../doubles/model-endpoint.ts";
import { makeDataDir, startBot } from "./bot.ts";
import { slackChat } from "./people.ts";

test("another process uses the Assistants API over HTTP, from a function call to the completed run", async () => {
  await using slack = await createSlackSimulator({ limits: "off" });
  await using model = await createModelEndpoint();
  await using data = await makeDataDir();
  await using bot = await startBot({
    slack,
    model,
    env: { DATA_DIR: data.path, API_KEYS: "key-1,key-2" },
  });
  const client = new OpenAI({ baseURL: `${bot.url}/v1`, apiKey: "key-2", maxRetries: 0 });

  model.script(
    [{ call: { name: "get_weather", arguments: { city: "Oslo" } } }],
    "It rains in Oslo.",
  );
  const assistant = await client.beta.assistants.create({
    model: "test-model",
    tools: [
      {
        type: "function",
        function: { name: "get_weather", parameters: { type: "object", properties: {} } },
      },
    ],
  });
  const thread = await client.beta.threads.create();
  await client.beta.threads.messages.create(thread.id, {
    role: "user",
    content: "Weather in Oslo?",
  });
  const waiting = await client.beta.threads.runs
    .stream(thread.id, { assistant_id: assistant.id })
    .finalRun();
  expect(waiting.status).toBe("requires_action");
  const call = waiting.required_action?.submit_tool_outputs.tool_calls[0];
  const done = await client.beta.threads.runs
    .submitToolOutputsStream(waiting.id, {
      thread_id: thread.id,
      tool_outputs: [{ tool_call_id: call?.id ?? "", output: "rain" }],
    })
    .finalRun();
  expect(done.status).toBe("completed");
  const steps = await client.beta.threads.runs.steps.list(done.id, {
    thread_id: thread.id,
    order: "asc",
  });
  expect(steps.data.map((step) => step.type)).toEqual(["tool_calls", "message_creation"]);

  const stranger = new OpenAI({ baseURL: `${bot.url}/v1`, apiKey: "nope", maxRetries: 0 });
  await expect(stranger.beta.threads.create()).rejects.toMatchObject({
    status: 401,
    code: "invalid_api_key",
  });
});

test("Slack over HTTP: signed events on the one server, and /v1 closed without a key", async () => {
  await using slack = await createSlackSimulator({ limits: "off" });
  await using model = await createModelEndpoint();
  await using data = await makeDataDir();
  await using bot = await startBot({
    model,
    env: {
      DATA_DIR: data.path,
      SLACK_BOT_TOKEN: slack.world.tokens.bot,
      SLACK_SIGNING_SECRET: slack.world.tokens.signingSecret,
      SLACK_API_URL: slack.apiUrl,
    },
  });
  slack.sendEventsTo(`${bot.url}/slack/events`);
  const question = slackChat(slack).ask("hello over HTTP");
  await question.until((answers) => answers[0]?.includes("hello over HTTP") === true);
  expect(question.answers()).toHaveLength(1);

  expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${bot.url}/readyz`)).json()).toEqual({ store: true, slack: true });
  expect((await fetch(`${bot.url}/v1/assistants`)).status).toBe(401);
});
