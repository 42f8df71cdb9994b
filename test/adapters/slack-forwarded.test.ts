import { expect, test } from "vitest";
import { hear, startSlack } from "./slack-setup.ts";

const LOG = { name: "trace.log", mimetype: "text/plain", content: "boom" };

test("what is forwarded counts: its words as a quotation with its author's name, its files as files", async () => {
  await using setup = await startSlack();
  const { slack } = setup;
  const channel = "C0OPS";
  const first = slack.say({
    channel,
    user: "U0LEE",
    text: "it *burns*\nask <@U0ANA>",
    files: [LOG],
  });
  const second = slack.say({ channel, user: "U0LEE", text: "", files: [LOG] });
  const message = await hear(setup, {
    channel,
    user: "U0ANA",
    text: "<@U0BOT> what is this?",
    forwarded: [first, second],
  });
  expect(message).toMatchObject({
    addressed: "mention",
    text: "what is this?\n\nForwarded from Lee:\n> it **burns**\n> ask @Ana\n\nForwarded from Lee, without text.",
    files: [
      { name: "trace.log", size: 4 },
      { name: "trace.log", size: 4 },
    ],
  });
});

test("a message with nothing but what is forwarded is one, and a mention in the quotation is none of the bot", async () => {
  await using setup = await startSlack();
  const { slack } = setup;
  const quoted = slack.say({ channel: "C0OPS", user: "U0LEE", text: "<@U0BOT> help" });
  const forwarded = [quoted];
  const { id } = slack.world.openIm("U0ANA");
  const direct = await hear(setup, { channel: id, user: "U0ANA", text: "", forwarded });
  expect(direct).toMatchObject({
    addressed: "direct",
    text: "Forwarded from Lee:\n> @patchbay help",
  });
  const aside = await hear(setup, { channel: "C0OPS", user: "U0ANA", text: "look", forwarded });
  expect(aside.addressed).toBe("channel");
});

test("a message with files and no text counts", async () => {
  await using setup = await startSlack();
  const { id: channel } = setup.slack.world.openIm("U0ANA");
  const message = await hear(setup, { channel, user: "U0ANA", text: "", files: [LOG] });
  expect(message).toMatchObject({ text: "", files: [{ name: "trace.log" }] });
});
