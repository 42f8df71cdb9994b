import { describe, expect, test } from "vitest";

import { createDiscordSimulator } from "../../simulator/discord/index.ts";
import { createSlackSimulator } from "../../simulator/slack/index.ts";
import { createDatabase, hasPostgres } from "../doubles/database.ts";
import { createModelEndpoint } from "../doubles/model-endpoint.ts";
import { makeDataDir, startBot } from "./bot.ts";
import { discordChat, slackChat } from "./people.ts";

interface Home extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

async function embedded(): Promise<Home> {
  const data = await makeDataDir();
  return { env: { DATA_DIR: data.path }, [Symbol.asyncDispose]: () => data[Symbol.asyncDispose]() };
}

async function postgres(): Promise<Home> {
  const database = await createDatabase();
  return { env: { DATABASE_URL: database.url }, [Symbol.asyncDispose]: () => database.drop() };
}

describe.each([
  { name: "PGlite", home: embedded, skip: false },
  { name: "Postgres", home: postgres, skip: !hasPostgres },
])("on $name", ({ home, skip }) => {
  test.skipIf(skip)(
    "kill -9 in the middle of two replies: the next start finishes those same messages",
    async () => {
      await using slack = await createSlackSimulator({ limits: "off" });
      await using discord = await createDiscordSimulator({ limits: "off" });
      await using model = await createModelEndpoint();
      await using place = await home();
      const options = { slack, discord, model, env: place.env };
      const never = new Promise(() => {});
      model.answer(() => [{ text: "The first half" }, { wait: never }]);

      const first = await startBot(options);
      const questions = [slackChat(slack), discordChat(discord)].map((chat) =>
        chat.ask("tell me all"),
      );
      await Promise.all(
        questions.map((one) => one.until((answers) => answers[0]?.includes("first half") === true)),
      );
      first.process.kill("SIGKILL");
      await first.exited;
      // Asked while nobody is there: Slack delivers it again later.
      const waiting = slackChat(slack).ask("and this?");

      model.answer(({ question }) =>
        question.includes("this") ? "Answered later." : "The first half and the second half.",
      );
      await using _second = await startBot(options);
      await Promise.all(
        questions.map((one) =>
          one.until((answers) => answers[0] === "The first half and the second half."),
        ),
      );
      for (const question of questions) expect(question.answers()).toHaveLength(1);
      await waiting.until((answers) => answers[0] === "Answered later.");
      expect(waiting.answers()).toHaveLength(1);
    },
  );

  test.skipIf(skip)(
    "kill -9 four times during one reply: it is finished all the same, once",
    async () => {
      await using slack = await createSlackSimulator({ limits: "off" });
      await using model = await createModelEndpoint();
      await using place = await home();
      const options = { slack, model, env: place.env };
      const never = new Promise(() => {});
      model.answer(() => [{ text: "Again and again" }, { wait: never }]);
      let bot = await startBot(options);
      const question = slackChat(slack).ask("tell me all");
      await question.until((answers) => answers[0] === "Again and again");
      for (let kill = 1; kill <= 4; kill += 1) {
        const asked = model.requests.length;
        bot.process.kill("SIGKILL");
        await bot.exited;
        if (kill === 4) model.answer(() => "Whole at last.");
        bot = await startBot(options);
        await model.request(asked);
      }
      await question.until((answers) => answers[0] === "Whole at last.");
      expect(question.answers()).toHaveLength(1);
      await bot[Symbol.asyncDispose]();
    },
  );

  test.skipIf(skip)("SIGTERM: a reply in flight is finished, and the exit code is 0", async () => {
    await using slack = await createSlackSimulator({ limits: "off" });
    await using model = await createModelEndpoint();
    await using place = await home();
    const gate = Promise.withResolvers<void>();
    model.script([{ text: "Begun, " }, { wait: gate.promise }, { text: "and done." }]);
    const bot = await startBot({ slack, model, env: place.env });
    const question = slackChat(slack).ask("go on");
    await question.until((answers) => answers[0]?.startsWith("Begun") === true);
    bot.process.kill("SIGTERM");
    bot.process.kill("SIGTERM");
    await slack.waitFor(() => slack.sockets === 0);
    gate.resolve();
    expect(await bot.exited).toBe(0);
    expect(question.answers()).toEqual(["Begun, and done."]);
  });
});
