import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import { PlatformUnreachable } from "../../src/errors.ts";
import type { Place } from "../../src/relay/message.ts";
import type { DiscordMessage } from "../../simulator/discord/index.ts";
import { refused, resetAfter } from "../../simulator/faults.ts";
import { ask, log, openRoom, type Room } from "./discord-setup.ts";

const OPEN = "POST /channels/:id/messages/:id/threads";
const POST = "POST /channels/:id/messages";

/** Ana's question in #ops, whose answer opens a thread. */
async function askForThread(
  room: Room,
  text?: string,
): Promise<{ asked: DiscordMessage; place: Place; thread: string }> {
  const { asked, place } = await ask(room, text);
  const conversation = { ...place.conversation, channel: asked.id, root: asked.id };
  return { asked, place: { ...place, conversation, opensThreadIn: room.ops }, thread: asked.id };
}

const contents = ({ discord }: Room, channel: string): string[] =>
  discord.messages(channel).map(({ content }) => content);

test("the first post opens a thread named by the question, and the parts stand in it", async () => {
  await using room = await openRoom();
  const { discord, platform } = room;
  const { place, thread } = await askForThread(room, "why is `api` **slow**\ntoday?");
  await platform.showActivity(place, "is thinking");
  expect(discord.typing(room.ops)).toBeGreaterThan(0);
  const first = await platform.post(place, { text: "one", nonce: "n0" });
  const second = await platform.post(place, { text: "two", nonce: "n1" });
  await platform.showActivity(place, "is thinking");
  await platform.edit(place, first, "ONE");

  expect(discord.world.channelOf(thread)).toMatchObject({
    type: "thread",
    parent: room.ops,
    name: "why is api slow today?",
  });
  expect(contents(room, thread)).toEqual(["ONE", "two"]);
  expect(discord.typing(thread)).toBeGreaterThan(0);
  expect(discord.calls.filter(({ operation }) => operation === OPEN)).toHaveLength(1);
  expect(await platform.find(place, { nonce: "n1", known: [first] })).toBe(second);
  await platform.remove(place, second);
  expect(contents(room, thread)).toEqual(["ONE"]);
});

test("a long question is cut between words, and one without words is named after its asker", async () => {
  await using room = await openRoom();
  const { discord, platform } = room;
  const long = await askForThread(room, "word ".repeat(60));
  await platform.post(long.place, { text: "x", nonce: "n0" });
  expect(discord.world.channelOf(long.thread).name).toMatch(/^(word )+word…$/);
  const silent = await askForThread(room, "");
  await platform.post(silent.place, { text: "x", nonce: "n1" });
  expect(discord.world.channelOf(silent.thread).name).toBe("Question of Ana");
});

test("after a restart the thread that is there is used, and its parts are edited and found", async () => {
  await using room = await openRoom();
  const { discord } = room;
  const { place, thread } = await askForThread(room);
  const first = await room.platform.post(place, { text: "one", nonce: "n0" });
  await using later = createDiscordPlatform({ ...discord, log });
  await later.edit(place, first, "ONE");
  const second = await later.post(place, { text: "two", nonce: "n1" });
  expect(contents(room, thread)).toEqual(["ONE", "two"]);
  // As when Discord has forgotten the nonce.
  expect(await later.find(place, { nonce: "other", known: [first] })).toBe(second);
});

test.each([
  ["may not open threads", OPEN, "50013"],
  ["cannot open one in this kind of channel", OPEN, "50024"],
  ["may not write in the thread that it opened", POST, "50001"],
])(
  "where the bot %s it replies in the channel, and later finds and edits that from the place alone",
  async (_, operation, code) => {
    await using room = await openRoom();
    const { discord, platform, ops } = room;
    const { asked, place, thread } = await askForThread(room);
    discord.faults.decideBy((call) =>
      call.operation === operation && (operation === OPEN || call.conversation === thread)
        ? refused(code)
        : undefined,
    );
    const first = await platform.post(place, { text: "one", nonce: "n0" });
    expect(discord.message(ops, first)).toMatchObject({ content: "one", replyTo: asked.id });

    await using later = createDiscordPlatform({ ...discord, log });
    expect(await later.find(place, { nonce: "other", known: [] })).toBe(first);
    await later.edit(place, first, "ONE");
    const second = await later.post(place, { text: "two", nonce: "n1" });
    expect(contents(room, ops).slice(1)).toEqual(["ONE", "two"]);
    await later.remove(place, second);
    await later.remove(place, second);
    expect(contents(room, ops).slice(1)).toEqual(["ONE"]);
    await expect(later.edit(place, second, "x")).rejects.toMatchObject({ code: "10008" });
  },
);

test("a question that was deleted meanwhile is answered in its channel", async () => {
  await using room = await openRoom();
  const { asked, place } = await askForThread(room);
  room.discord.remove(asked);
  await room.platform.post(place, { text: "anyway", nonce: "n0" });
  expect(contents(room, room.ops)).toEqual(["anyway"]);
});

test("a thread whose opening got lost on the way is opened once, and nothing is posted twice", async () => {
  await using room = await openRoom();
  const { discord, platform } = room;
  const { place, thread } = await askForThread(room);
  discord.faults.next(OPEN, resetAfter());
  const part = { text: "one", nonce: "n0" };
  await expect(platform.post(place, part)).rejects.toBeInstanceOf(PlatformUnreachable);
  expect(await platform.find(place, { nonce: "n0", known: [] })).toBeUndefined();
  await platform.post(place, part);
  expect(contents(room, thread)).toEqual(["one"]);
});
