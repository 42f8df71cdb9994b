import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import type { Place } from "../../src/relay/message.ts";
import type { DiscordMessage } from "../../simulator/discord/index.ts";
import { refused } from "../../simulator/faults.ts";
import { log, openRoom, placeOf, type Room } from "./discord-setup.ts";

const LIST = "GET /channels/:id/messages";
const READ = "GET /channels/:id/messages/:id";

/** Ana mentions the bot in a thread or as a reply; where the answer goes. */
async function mention(
  { discord, ana, next }: Room,
  channel: string,
  replyTo?: DiscordMessage,
): Promise<Place> {
  const text = `<@${discord.world.bot.id}> sum up`;
  discord.say({ channel, user: ana, text, ...(replyTo !== undefined && { replyTo }) });
  let heard = await next();
  while (heard.addressed !== "mention") heard = await next();
  return placeOf(heard);
}

const by = (id: string, name: string) => ({ author: { id, name }, own: false, files: [] });

const readings = ({ discord }: Room): number =>
  discord.calls.filter(({ operation }) => operation === READ || operation === LIST).length;

test("in a thread, what was said before comes oldest first, the message that began it and other bots included", async () => {
  await using room = await openRoom({
    seedWorld: { users: [{ name: "Ana" }, { name: "Lee" }, { name: "Alerts", kind: "bot" }] },
  });
  const { discord, platform, ops, ana } = room;
  const [lee, alerts] = [discord.user("Lee"), discord.user("Alerts")];
  const starter = discord.say({ channel: ops, user: lee, text: `full: <#${ops}>` });
  const { id: thread } = discord.openThread({
    channel: ops,
    user: ana,
    name: "T",
    message: starter,
  });
  const said = discord.say({
    channel: thread,
    user: alerts,
    text: `<@${ana}> look`,
    files: [{ name: "df.txt", type: "text/plain", content: "100%" }],
  });
  const first = await mention(room, thread);
  const own = await platform.post(first, { text: "It is full.", nonce: "n1" });
  const forward = discord.say({ channel: ops, user: lee, text: "from elsewhere" });
  const forwarded = discord.say({ channel: thread, user: lee, text: "", forward });
  const second = await mention(room, thread);
  discord.say({ channel: thread, user: lee, text: "too late" });

  const earlier = await platform.earlier(second, { count: 20 });
  expect(earlier).toEqual([
    { ...by(lee, "Lee"), id: starter.id, text: "full: #ops", sentAt: expect.any(Number) },
    {
      ...by(alerts, "Alerts"),
      id: said.id,
      text: "@Ana look",
      sentAt: expect.closeTo(Date.now(), -4),
      files: [expect.objectContaining({ name: "df.txt", type: "text/plain", size: 4 })],
    },
    { ...by(ana, "Ana"), id: first.question, text: "sum up", sentAt: expect.any(Number) },
    {
      author: { id: discord.world.bot.id, name: "Patchbay" },
      own: true,
      files: [],
      id: own,
      text: "It is full.",
      sentAt: expect.any(Number),
    },
    {
      ...by(lee, "Lee"),
      id: forwarded.id,
      text: "Forwarded message:\n> from elsewhere",
      sentAt: expect.any(Number),
    },
  ]);
  const since = await platform.earlier(second, { count: 20, after: first.question });
  expect(since.map(({ id }) => id)).toEqual([own, forwarded.id]);
  const newest = await platform.earlier(second, { count: 2 });
  expect(newest.map(({ id }) => id)).toEqual([own, forwarded.id]);
  expect((await platform.earlier(second, { count: 5 }))[0]?.id).toBe(starter.id);
});

test("a long thread is read page by page, and no further than asked", async () => {
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const { id: thread } = discord.openThread({ channel: ops, user: ana, name: "T" });
  for (let count = 1; count <= 250; count += 1) {
    discord.say({ channel: thread, user: ana, text: `${count}` });
  }
  const place = await mention(room, thread);
  const texts = async (count: number) =>
    (await platform.earlier(place, { count })).map(({ text }) => text);
  expect(await texts(150)).toEqual(Array.from({ length: 150 }, (_, index) => `${index + 101}`));
  expect(readings(room)).toBe(2);
  expect(await texts(1000)).toHaveLength(250);
});

test("a reply chain is followed upwards as far as it goes, each request bringing two messages", async () => {
  await using room = await openRoom();
  const { discord, platform, ops } = room;
  const lee = discord.user("Lee");
  const chain: DiscordMessage[] = [];
  for (let count = 1; count <= 6; count += 1) {
    const replyTo = chain.at(-1);
    const text = `${count}`;
    chain.push(
      discord.say({ channel: ops, user: lee, text, ...(replyTo !== undefined && { replyTo }) }),
    );
  }
  discord.say({ channel: ops, user: lee, text: "beside it" });
  const place = await mention(room, ops, chain.at(-1));
  const texts = async (count: number, after?: string) =>
    (await platform.earlier(place, { count, after })).map(({ text }) => text);
  expect(await texts(20)).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(readings(room)).toBe(3);
  expect(await texts(2)).toEqual(["5", "6"]);
  expect(await texts(20, chain[3]?.id)).toEqual(["5", "6"]);

  const opening = { ...place, opensThreadIn: ops };
  const thread = { ...place.conversation, channel: place.question, root: place.question };
  expect(await platform.earlier({ ...opening, conversation: thread }, { count: 1 })).toMatchObject([
    { text: "6" },
  ]);

  const gone = chain[2];
  if (gone !== undefined) discord.remove(gone);
  expect(await texts(20)).toEqual(["4", "5", "6"]);
});

test("a question that replies to nothing costs no request, and in a DM nothing stands before", async () => {
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const place = await mention(room, ops);
  discord.say({ channel: discord.world.openDm(ana).id, user: ana, text: "hi" });
  const direct = placeOf(await room.next());
  expect(await platform.earlier(place, { count: 20 })).toEqual([]);
  expect(await platform.earlier(direct, { count: 20 })).toEqual([]);
  expect(readings(room)).toBe(0);
});

test("after a restart the chain is read all the same, and a channel that may not be read is said to be so", async () => {
  await using room = await openRoom();
  const { discord, ops, ana } = room;
  const said = discord.say({ channel: ops, user: ana, text: "before" });
  const place = await mention(room, ops, said);
  await using later = createDiscordPlatform({ ...discord, log });
  expect(await later.earlier(place, { count: 20 })).toMatchObject([{ text: "before" }]);
  discord.faults.always(READ, refused("50001"));
  await expect(later.earlier(place, { count: 20 })).rejects.toMatchObject({ code: "50001" });
});
