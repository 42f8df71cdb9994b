import { afterAll, beforeAll, expect, test } from "vitest";

import {
  createSlackSimulator,
  type SlackMessage,
  type SlackSimulator,
} from "../../simulator/slack/index.ts";
import { createModelEndpoint, type ModelEndpoint } from "../doubles/model-endpoint.ts";
import { type Bot, makeDataDir, startBot } from "./bot.ts";

let slack: SlackSimulator;
let model: ModelEndpoint;
let bot: Bot;
let data: Awaited<ReturnType<typeof makeDataDir>>;
const never = new Promise(() => {});
const PATIENCE = 20_000;

beforeAll(async () => {
  slack = await createSlackSimulator({ limits: "off" });
  model = await createModelEndpoint();
  data = await makeDataDir();
  bot = await startBot({ slack, model, env: { DATA_DIR: data.path } });
});
afterAll(async () => {
  for (const one of [bot, model, slack, data]) await one[Symbol.asyncDispose]();
});

const answers = (asked: SlackMessage): SlackMessage[] =>
  slack.thread("C0OPS", asked.ts).filter((message) => message.user === slack.world.bot.user_id);
const until = async (asked: SlackMessage, fulfilled: (texts: string[]) => boolean): Promise<void> =>
  void (await slack.waitFor(
    () => fulfilled(answers(asked).map((message) => message.text)),
    PATIENCE,
  ));
const ask = (text: string): SlackMessage =>
  slack.say({ channel: "C0OPS", user: "U0ANA", text: `<@${slack.world.bot.user_id}> ${text}` });

/** A reply that has begun and does not end by itself. */
async function begin(text: string): Promise<SlackMessage> {
  model.script([{ text: "Begun" }, { wait: never }]);
  const asked = ask(text);
  await until(asked, ([first]) => first === "Begun");
  return asked;
}

test("`stop` as a message ends the answer under way with what there is, and the conversation is free", async () => {
  const asked = await begin("go on for ever");
  slack.say({ channel: "C0OPS", user: "U0ANA", text: "stop", thread_ts: asked.ts });
  await until(asked, ([first]) => first === "Begun\n\n*Stopped.*");
  model.script("At your service.");
  slack.say({ channel: "C0OPS", user: "U0ANA", text: "and now?", thread_ts: asked.ts });
  await until(asked, (texts) => texts[1] === "At your service.");
  expect(answers(asked)).toHaveLength(2);
});

test("a stop sign on the answer under way ends it", async () => {
  const asked = await begin("go on again");
  slack.react(answers(asked)[0]!, "U0ANA", "octagonal_sign");
  await until(asked, ([first]) => first === "Begun\n\n*Stopped.*");
  expect(answers(asked)).toHaveLength(1);
});

test("deleting the question takes its unfinished answer away", async () => {
  const asked = await begin("never mind this");
  slack.remove(asked);
  await until(asked, (texts) => texts.length === 0);
  expect(answers(asked)).toEqual([]);
});

test("a message that waits is answered as it reads after its edit, and not at all once it is deleted", async () => {
  const asked = await begin("first");
  const second = slack.say({ channel: "C0OPS", user: "U0ANA", text: "secnd", thread_ts: asked.ts });
  const third = slack.say({ channel: "C0OPS", user: "U0ANA", text: "third", thread_ts: asked.ts });
  const taken = async (): Promise<void> =>
    void (await slack.waitFor(
      () => slack.deliveries.every((one) => one.acknowledged !== undefined),
      PATIENCE,
    ));
  await taken();
  slack.edit(second, "second");
  slack.remove(third);
  await taken();
  model.script("Answered.");
  slack.say({ channel: "C0OPS", user: "U0ANA", text: "stop", thread_ts: asked.ts });
  await until(asked, (texts) => texts[1] === "Answered.");
  const prompt = JSON.stringify(model.requests.at(-1)?.body["messages"]);
  expect(prompt).toContain("Ana: second");
  expect(prompt).not.toContain("secnd");
  expect(prompt).not.toContain("third");
});
