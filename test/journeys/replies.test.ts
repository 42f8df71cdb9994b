import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createDiscordSimulator, type DiscordSimulator } from "../../simulator/discord/index.ts";
import { createSlackSimulator, type SlackSimulator } from "../../simulator/slack/index.ts";
import { createModelEndpoint, type ModelEndpoint } from "../doubles/model-endpoint.ts";
import { type Bot, makeDataDir, startBot } from "./bot.ts";
import { type Chat, discordChat, slackChat } from "./people.ts";

let slack: SlackSimulator;
let discord: DiscordSimulator;
let model: ModelEndpoint;
let bot: Bot;
let data: Awaited<ReturnType<typeof makeDataDir>>;

beforeAll(async () => {
  slack = await createSlackSimulator({ limits: "off" });
  discord = await createDiscordSimulator({ limits: "off" });
  model = await createModelEndpoint();
  data = await makeDataDir();
  bot = await startBot({ slack, discord, model, env: { DATA_DIR: data.path, API_KEYS: "key-1" } });
});

afterAll(async () => {
  for (const one of [bot, model, discord, slack, data]) await one[Symbol.asyncDispose]();
});

const chats: [string, () => Chat][] = [
  ["Slack", () => slackChat(slack)],
  ["Discord", () => discordChat(discord)],
];

async function receivedSoFar(): Promise<number> {
  const text = await (await fetch(`${bot.url}/metrics`)).text();
  return Number(/^patchbay_messages_received_total (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** A platform is only told of some messages that they were received; the bot's own count tells of all. */
async function committed(count: number): Promise<void> {
  while ((await receivedSoFar()) < count);
}

describe.each(chats)("on %s", (_name, open) => {
  test("an answer of 30,000 characters arrives whole, in order, with its code fences balanced", async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index} of the listing`);
    const answer = `Here it is:\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n\nThat was all. The end.`;
    model.script([{ text: answer.slice(0, 9_000) }, { text: answer.slice(9_000) }]);
    const question = open().ask("list everything");
    await question.until((answers) => answers.at(-1)?.includes("The end.") === true);
    const answers = question.answers();
    for (const part of answers)
      expect(part.match(/^```/gm)?.length ?? 0).toSatisfy((count: number) => count % 2 === 0);
    const seen = answers.join("\n").match(/line \d+ of the listing/g);
    expect(seen).toEqual(lines);
  });

  test("an answer longer than 20 messages comes as a file, with its beginning and a line about it", async () => {
    const answer = Array.from({ length: 12_000 }, (_, index) => `sentence number ${index}.`).join(
      "\n",
    );
    model.script([{ text: answer }]);
    const question = open().ask("write a book");
    await question.until((answers) => answers.at(-1)?.includes("is in the file below") === true);
    const [first, last, ...others] = question.answers();
    expect(first).toMatch(/^sentence number 0\./);
    expect(last).toBe(
      `*The whole answer, ${answer.length.toLocaleString("en")} characters, is in the file below.*`,
    );
    expect(others.filter((text) => text !== "")).toEqual([]);
    await question.untilFile((content) => content === answer);
  });

  test("messages that arrive while a run is active are answered together, in order, in the next one", async () => {
    const gate = Promise.withResolvers<void>();
    const before = model.requests.length;
    model.script([{ text: "One moment" }, { wait: gate.promise }], "Both answered.");
    const question = open().ask("the first");
    await question.until((answers) => answers.length === 1);
    const received = await receivedSoFar();
    question.follow("the second", 1);
    question.follow("the third", 1);
    await committed(received + 2);
    gate.resolve();
    await question.until((answers) => answers.includes("Both answered."));
    expect(question.answers()).toEqual(["One moment", "Both answered."]);
    const asked = JSON.stringify(model.requests.at(-1)?.body["messages"]);
    expect(model.requests.length - before).toBe(2);
    expect(asked.indexOf("the second")).toBeLessThan(asked.indexOf("the third"));
    expect(asked).toMatch(/Lee: the second/);
  });

  test("a model that fails leads to one honest sentence, without internals", async () => {
    model.script({
      status: 400,
      body: { error: { message: "secret-internal-host says no", type: "x" } },
    });
    const question = open().ask("this will fail");
    await question.until(
      (answers) => answers.length === 1 && answers[0]?.startsWith("The model") === true,
    );
    expect(question.answers()[0]).toBe(
      "The model refused this request. Please ask in other words, or start a fresh conversation.",
    );
  });

  test("a model whose stream is cut keeps what was shown, and says so", async () => {
    model.script([{ text: "Half of an answer" }, { end: "cut" }]);
    const question = open().ask("this will be cut");
    await question.until((answers) => answers[0]?.includes("could not answer") === true);
    expect(question.answers()).toHaveLength(1);
    expect(question.answers()[0]).toMatch(/^Half of an answer/);
  });
});
