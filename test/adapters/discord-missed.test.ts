import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import type { IncomingMessage } from "../../src/relay/message.ts";
import type { DiscordMessage, DiscordSimulator } from "../../simulator/discord/index.ts";
import { rateLimited, refused } from "../../simulator/faults.ts";
import { ask, handsOf, log, openRoom, type Room } from "./discord-setup.ts";

const HOUR = 3_600_000;
const READ = "GET /channels/:id/messages";

/** The bot as it comes back: what it is handed, and how it catches up. */
async function comeBack({ token, apiUrl }: DiscordSimulator) {
  const platform = createDiscordPlatform({ token, apiUrl, log });
  const received: IncomingMessage[] = [];
  const receive = async (message: IncomingMessage): Promise<void> => void received.push(message);
  await platform.start(handsOf({ receive }));
  return {
    received,
    platform,
    catchUp: async (
      after: Readonly<Record<string, string>>,
      bounds: { maxAge?: number; perChannel?: number } = {},
      signal = new AbortController().signal,
    ) => {
      const all = { maxAge: HOUR, perChannel: 50, ...bounds };
      await platform.catchUp(new Map(Object.entries(after)), all, signal);
    },
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}

/** Somebody mentions the bot, so many times. */
function mention({ discord, ops, ana }: Room, ...texts: string[]): DiscordMessage[] {
  return texts.map((text) =>
    discord.say({ channel: ops, user: ana, text: `<@${discord.world.bot.id}> ${text}` }),
  );
}

test("what concerned the bot while it was down is handed over once it is back, as if it had been heard", async () => {
  await using room = await openRoom({
    seedWorld: { users: [{ name: "Ana" }, { name: "Lee" }, { name: "Robo", kind: "bot" }] },
  });
  const { discord, platform, ops, ana } = room;
  const { asked, place } = await ask(room);
  const reference = await platform.post(place, { text: "green", nonce: "n1" });
  const reply = discord.message(ops, reference);
  const { id: dm } = discord.world.openDm(ana);
  const greeted = discord.say({ channel: dm, user: ana, text: "hello" });
  await room.next();
  await platform.stop();

  const [first] = mention(room, "one");
  for (let count = 0; count < 120; count += 1) {
    discord.say({ channel: ops, user: discord.user("Lee"), text: `talk ${count}` });
  }
  if (reply === undefined) throw new Error("The reply is gone.");
  discord.say({ channel: ops, user: ana, text: "since when?", replyTo: reply, ping: false });
  mention(room, "three");
  const bot = `<@${discord.world.bot.id}>`;
  discord.say({ channel: ops, user: discord.user("Robo"), text: `${bot} beep` });
  discord.say({ channel: dm, user: ana, text: "still there?" });

  await using back = await comeBack(discord);
  await back.catchUp({ [ops]: asked.id, [dm]: greeted.id });
  const heard = (channel: string): string[] =>
    back.received
      .filter(({ conversation }) => conversation.channel === channel)
      .map(({ text, addressed }) => `${addressed}: ${text}`);
  expect(heard(ops)).toEqual(["mention: one", "reply: since when?", "mention: three"]);
  expect(heard(dm)).toEqual(["direct: still there?"]);
  expect(back.received.find(({ text }) => text === "since when?")).toMatchObject({
    ancestors: [reference, asked.id],
    conversation: place.conversation,
    author: { id: ana, name: "Ana" },
    standing: "member",
    where: { name: "ops" },
  });

  await back.catchUp({ [ops]: first?.id ?? "" });
  expect(heard(ops).slice(3)).toEqual(["reply: since when?", "mention: three"]);
});

test("only what is young enough and the newest of a channel are handed over, and nothing is read where nothing is new", async () => {
  await using room = await openRoom({ seedWorld: { channels: ["ops", "quiet"] } });
  const { discord, ops, ana } = room;
  await room.platform.stop();
  const quiet = discord.channel("quiet");
  const last = discord.say({ channel: quiet, user: ana, text: "bye" });
  const said = mention(room, "one", "two", "three");

  await using back = await comeBack(discord);
  const cursor = String(BigInt(said[0]?.id ?? 0) - 1n);
  await back.catchUp({ [ops]: cursor, [quiet]: last.id }, { perChannel: 2 });
  expect(back.received.map(({ text }) => text)).toEqual(["two", "three"]);
  const read = discord.calls.filter(({ operation }) => operation === READ);
  expect(read.map(({ conversation }) => conversation)).toEqual([ops]);

  await back.catchUp({ [ops]: "1" }, { maxAge: -HOUR });
  expect(back.received).toHaveLength(2);
});

test("a thread that was archived meanwhile is caught up with as the conversation it is", async () => {
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const { asked } = await ask(room);
  const { id: thread } = discord.openThread({ channel: ops, user: ana, name: "T", message: asked });
  const opened = discord.say({ channel: thread, user: ana, text: "here?" });
  await room.next();
  await platform.stop();
  discord.say({ channel: thread, user: ana, text: `<@${discord.world.bot.id}> and now?` });
  discord.say({ channel: thread, user: ana, text: "hm" });
  discord.archive(thread);

  await using back = await comeBack(discord);
  await back.catchUp({ [thread]: opened.id });
  expect(back.received).toMatchObject([
    {
      text: "and now?",
      conversation: { channel: thread, root: thread },
      where: { name: "T", parent: { id: ops, name: "ops" } },
    },
  ]);
});

test("channels that are gone or closed are left out, and patience is shown to a Discord that asks for it", async () => {
  await using room = await openRoom({ seedWorld: { channels: ["ops", "secret"] } });
  const { discord, ana } = room;
  await room.platform.stop();
  mention(room, "one");
  const secret = discord.channel("secret");
  discord.say({ channel: secret, user: ana, text: `<@${discord.world.bot.id}> psst` });
  discord.faults.next({ operation: READ, conversation: secret }, refused("50001"));
  discord.faults.next({ operation: READ, conversation: room.ops }, rateLimited(0.1));

  await using back = await comeBack(discord);
  await back.catchUp({ "1": "1", [secret]: "1", [room.ops]: "1" });
  expect(back.received.map(({ text }) => text)).toEqual(["one"]);
});

test("catching up ends with its signal, and when the platform stops", async () => {
  await using room = await openRoom();
  const { discord, ops } = room;
  await room.platform.stop();
  mention(room, "one");
  await using back = await comeBack(discord);
  const ending = new AbortController();
  const reason = new Error("enough");
  discord.faults.next(READ, rateLimited(60));
  const cut = back.catchUp({ [ops]: "1" }, {}, ending.signal);
  const toDiscord = discord.waitFor(() => discord.calls.some((call) => call.operation === READ));
  void toDiscord.then(() => ending.abort(reason));
  await expect(cut).rejects.toBe(reason);

  const stopped = back.catchUp({ [ops]: "1" });
  void back.platform.stop();
  await expect(stopped).rejects.toThrow(/stopped/);
  expect(back.received).toEqual([]);
});
