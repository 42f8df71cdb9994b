import { expect, test } from "vitest";

import { createSlackSimulator, type SlackMessage } from "../../simulator/slack/index.ts";
import { createModelEndpoint } from "../doubles/model-endpoint.ts";
import { makeDataDir, startBot } from "./bot.ts";

test("a mention is answered once, by edits of one message, with a tool's output", async () => {
  await using slack = await createSlackSimulator({ limits: "off" });
  await using model = await createModelEndpoint();
  await using data = await makeDataDir();
  model.script([{ call: { name: "ticket_lookup", arguments: { id: "OPS-1" } } }]);
  model.answer(({ outputs }) => `The tracker says: ${outputs.join()}`);
  await using _bot = await startBot({ slack, model, env: { DATA_DIR: data.path } });

  const channel = slack.world.channels.values().find((one) => one.type === "channel")!;
  const user = slack.world.users.values().find((one) => !one.is_bot)!;
  slack.faults.duplicateDelivery(3);
  const asked = slack.say({
    channel: channel.id,
    user: user.id,
    text: `<@${slack.world.bot.user_id}> what is the status of ticket OPS-1?`,
  });
  const answers = (): SlackMessage[] =>
    slack
      .thread(channel.id, asked.ts)
      .filter((message) => message.user === slack.world.bot.user_id);
  await slack.waitFor(() => answers().some((message) => message.text.includes('"status":')));
  expect(answers()).toHaveLength(1);
  expect(model.requests).toHaveLength(2);
});
