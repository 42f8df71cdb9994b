import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import type { IncomingMessage } from "../../src/relay/message.ts";
import { createDiscordSimulator } from "../../simulator/discord/index.ts";
import { refused, resetBefore, slow } from "../../simulator/faults.ts";
import { handsOf, log, openRoom, type Room } from "./discord-setup.ts";

const MEMBER = "GET /guilds/:id/members/:id";

/** Writes the bot a DM; what the bot hears. */
async function whisper({ discord, next }: Room, user: string, text = "hi") {
  discord.say({ channel: discord.world.openDm(user).id, user, text });
  return await next();
}

const lookups = ({ discord }: Room): number =>
  discord.calls.filter(({ operation }) => operation === MEMBER).length;

test("whoever shares a server is a member in a DM, asked for once; whoever shares none is a stranger", async () => {
  await using room = await openRoom({
    seedWorld: { users: [{ name: "Ana" }, { name: "Eve", kind: "stranger" }] },
  });
  expect(await whisper(room, room.ana)).toMatchObject({ standing: "member", where: {} });
  expect(await whisper(room, room.ana, "again")).toMatchObject({ standing: "member" });
  expect(lookups(room)).toBe(1);
  expect(await whisper(room, room.discord.user("Eve"))).toMatchObject({ standing: "stranger" });
});

test.each([
  ["refuses to tell", refused("50001")],
  ["has no such route", refused("404")],
  ["breaks off", resetBefore()],
  ["says nothing within a second", slow(20_000)],
])("where Discord %s, the DM itself is taken as proof of a member", async (_, fault) => {
  await using room = await openRoom({
    seedWorld: { users: [{ name: "Ana" }, { name: "Eve", kind: "stranger" }] },
  });
  room.discord.faults.always(MEMBER, fault);
  expect(await whisper(room, room.discord.user("Eve"))).toMatchObject({ standing: "member" });
});

test("messages of one DM keep their order while its author is looked up", async () => {
  await using room = await openRoom();
  room.discord.faults.next(MEMBER, slow(100));
  const { id: channel } = room.discord.world.openDm(room.ana);
  for (const text of ["one", "two", "three"]) {
    room.discord.say({ channel, user: room.ana, text });
  }
  const heard = [await room.next(), await room.next(), await room.next()];
  expect(heard.map(({ text }) => text)).toEqual(["one", "two", "three"]);
});

test("who has not passed a server's membership screening is a guest there; a channel's topic comes along", async () => {
  await using room = await openRoom({
    seedWorld: {
      users: [{ name: "Ana", pending: true }, { name: "Lee" }],
      channels: [{ name: "ops", topic: "Only incidents" }],
    },
  });
  const { discord, ops, ana } = room;
  discord.say({ channel: ops, user: ana, text: "hello" });
  expect(await room.next()).toMatchObject({
    standing: "guest",
    addressed: "channel",
    where: { name: "ops", topic: "Only incidents" },
  });
  discord.say({ channel: ops, user: discord.user("Lee"), text: "hello" });
  expect(await room.next()).toMatchObject({ standing: "member" });
});

test("on a Discord that knows the gateway, the bot itself and messages only, everything else fails and all works", async () => {
  await using discord = await createDiscordSimulator({ limits: "off" });
  const KNOWN = [
    "GET /gateway/bot",
    "GET /users/@me",
    "POST /channels/:id/messages",
    "PATCH /channels/:id/messages/:id",
  ];
  discord.faults.decideBy(({ operation }) =>
    KNOWN.includes(operation) ? undefined : refused("404"),
  );
  await using platform = createDiscordPlatform({ ...discord, log });
  const heard: IncomingMessage[] = [];
  const both = Promise.withResolvers<void>();
  const receive = async (message: IncomingMessage): Promise<void> => {
    if (heard.push(message) === 2) both.resolve();
  };
  await platform.start(handsOf({ receive }));
  const [ops, ana] = [discord.channel("ops"), discord.user("Ana")];
  const { id: dm } = discord.world.openDm(ana);
  discord.say({ channel: ops, user: ana, text: `<@${discord.world.bot.id}> status?` });
  discord.say({ channel: dm, user: ana, text: "status?" });
  await both.promise;

  for (const { id: question, conversation, author: asker } of heard) {
    const place = { conversation, question, asker };
    expect(await platform.earlier(place, { count: 20 })).toEqual([]);
    await platform.showActivity(place, "is thinking");
    const reference = await platform.post(place, { text: "gre", nonce: question.slice(-9) });
    await platform.edit(place, reference, "green");
    expect(discord.message(conversation.channel, reference)?.content).toBe("green");
  }
  const asked = heard.find(({ addressed }) => addressed === "mention");
  if (asked === undefined) throw new Error("Nothing was heard.");
  const { channel } = asked.conversation;
  const place = {
    conversation: { ...asked.conversation, channel: asked.id, root: asked.id },
    question: asked.id,
    asker: asked.author,
    opensThreadIn: channel,
  };
  const reference = await platform.post(place, { text: "re", nonce: "t1" });
  await platform.edit(place, reference, "red");
  expect(discord.message(channel, reference)).toMatchObject({ content: "red", replyTo: asked.id });
  expect(platform.ready).toBe(true);
});
