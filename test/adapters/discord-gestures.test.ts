import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import type { Gesture, IncomingMessage } from "../../src/relay/message.ts";
import { slow } from "../../simulator/faults.ts";
import { ask, handsOf, log, openRoom, placeOf } from "./discord-setup.ts";

/** The gestures that the platform brings in, one after the other. */
function collect() {
  const waiting: ((gesture: Gesture) => void)[] = [];
  const arrived: Gesture[] = [];
  const gesture = async (one: Gesture): Promise<void> => {
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(one);
    else taker(one);
  };
  const next = async (): Promise<Gesture> =>
    arrived.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
  return { gesture, next };
}

test("an edited message comes whole and under its own identity; previews, pins and repeats are no edits", async () => {
  const { gesture, next } = collect();
  await using room = await openRoom({}, { gesture });
  const { discord, ops, ana } = room;
  const { bot } = discord.world;
  const text = `<@${bot.id}> see https://example.org`;
  const said = discord.say({ channel: ops, user: ana, text });
  const before = await room.next();

  discord.world.unfurl(ops, said.id, { title: "Example" });
  discord.faults.duplicateDelivery(2);
  discord.edit(said, `<@${bot.id}> look elsewhere`);
  discord.faults.duplicateDelivery(1);
  discord.world.unfurl(ops, said.id, { title: "Elsewhere" });
  discord.edit(said, "never mind");

  const message: IncomingMessage = { ...before, text: "look elsewhere" };
  expect(await next()).toEqual({ type: "edited", message });
  expect(await next()).toMatchObject({
    type: "edited",
    message: { id: said.id, text: "never mind", addressed: "channel", sentAt: before.sentAt },
  });
});

test("a bot that was restarted still hears of edits, deletions and reactions in channels and DMs it has not seen", async () => {
  const { gesture, next } = collect();
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const { id: dm } = discord.world.openDm(ana);
  const said = discord.say({ channel: dm, user: ana, text: "hello" });
  const reference = await platform.post(placeOf(await room.next()), { text: "hi", nonce: "n1" });
  const reply = discord.message(dm, reference);
  if (reply === undefined) throw new Error("The reply is gone.");
  const chatter = ["a", "b"].map((text) => discord.say({ channel: ops, user: ana, text }));
  await platform.stop();

  const { token, apiUrl } = discord;
  await using later = createDiscordPlatform({ token, apiUrl, log });
  await later.start(handsOf({ gesture }));
  const inDm = { platform: "discord", workspace: "dm", channel: dm };

  discord.world.unfurl(dm, said.id, { title: "no edit" });
  discord.edit(said, "hello there");
  expect(await next()).toMatchObject({
    type: "edited",
    message: { id: said.id, text: "hello there", conversation: inDm, standing: "member" },
  });
  discord.react(reply, ana, "🛑");
  expect(await next()).toMatchObject({ type: "stop", spot: inDm, person: { id: ana }, reference });
  discord.remove(said);
  expect(await next()).toEqual({ type: "deleted", spot: inDm, message: said.id });
  discord.purge(ops, chatter);
  const spot = { platform: "discord", workspace: discord.world.guild.id, channel: ops };
  for (const { id } of chatter) {
    expect(await next()).toEqual({ type: "deleted", spot, message: id });
  }
});

test.each([
  ["⏹️", { type: "stop" }],
  ["👍🏽", { type: "feedback", value: "good" }],
  ["🔁", { type: "regenerate" }],
  ["🔄", { type: "regenerate" }],
  ["👍🏿", { type: "feedback", value: "good" }],
  ["👎", { type: "feedback", value: "bad" }],
])("%s on a reply is a gesture of the person who gave it", async (emoji, meaning) => {
  const { gesture, next } = collect();
  await using room = await openRoom({}, { gesture });
  const { discord, platform, ops, ana } = room;
  const { place } = await ask(room);
  const reference = await platform.post(place, { text: "green", nonce: "n1" });
  const reply = discord.message(ops, reference);
  if (reply === undefined) throw new Error("The reply is gone.");
  discord.react(reply, ana, emoji);
  expect(await next()).toEqual({
    ...meaning,
    spot: { platform: "discord", workspace: discord.world.guild.id, channel: ops },
    person: { id: ana, name: "Ana" },
    reference,
  });
});

test("reactions of bots, to people's messages, and with other or custom emoji are none", async () => {
  const { gesture, next } = collect();
  const users = [{ name: "Ana" }, { name: "Robo", kind: "bot" as const }];
  await using room = await openRoom({ seedWorld: { users } }, { gesture });
  const { discord, platform, ops, ana } = room;
  const { asked, place } = await ask(room);
  const reference = await platform.post(place, { text: "green", nonce: "n1" });
  const reply = discord.message(ops, reference);
  if (reply === undefined) throw new Error("The reply is gone.");
  discord.react(reply, discord.user("Robo"), "👍");
  discord.react(reply, discord.world.bot.id, "👍");
  discord.react(asked, ana, "👍");
  discord.react(reply, ana, "🎉");
  discord.react(reply, ana, "👍:123456789012345678");
  discord.react(reply, ana, "👎");
  expect(await next()).toMatchObject({ type: "feedback", value: "bad" });
});

test("what follows a message waits until that message was handed over, however long its look-up takes", async () => {
  const { gesture, next } = collect();
  const order: string[] = [];
  const receive = async ({ text }: IncomingMessage): Promise<void> => void order.push(text);
  const noted = async (one: Gesture): Promise<void> => {
    order.push(one.type);
    await gesture(one);
  };
  await using room = await openRoom({}, { receive, gesture: noted });
  const { discord, ana } = room;
  discord.faults.next("GET /guilds/:id/members/:id", slow(150));
  const { id: dm } = discord.world.openDm(ana);
  const said = discord.say({ channel: dm, user: ana, text: "one" });
  discord.say({ channel: dm, user: ana, text: "two" });
  discord.remove(said);
  await next();
  expect(order).toEqual(["one", "two", "deleted"]);
});
