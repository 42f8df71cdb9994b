import { expect, test } from "vitest";

import { PlatformRefused, PlatformUnreachable, RateLimited } from "../../src/errors.ts";
import {
  rateLimited,
  refused,
  resetAfter,
  resetBefore,
  serverError,
} from "../../simulator/faults.ts";
import { ask, openRoom } from "./discord-setup.ts";

const POST = "POST /channels/:id/messages";
const EDIT = "PATCH /channels/:id/messages/:id";

test("a part is posted as a reply, edited, found and removed, and never pings anyone", async () => {
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const { asked, place } = await ask(room);
  const nasty = `@everyone <@${ana}> <@&${discord.world.guild.botRole}>`;
  const first = await platform.post(place, { text: nasty, nonce: "n0" });
  const second = await platform.post(place, { text: "more", nonce: "n1" });
  await platform.edit(place, second, nasty);
  await platform.showActivity(place, "is thinking");

  expect(discord.message(ops, first)).toMatchObject({ replyTo: asked.id, pings: [] });
  expect(discord.message(ops, second)).toMatchObject({
    content: nasty,
    original: "more",
    pings: [],
  });
  expect(discord.typing(ops)).toBeGreaterThan(0);
  expect(await platform.find(place, { nonce: "n0", known: [] })).toBe(first);
  expect(await platform.find(place, { nonce: "n1", known: [first] })).toBe(second);
  expect(await platform.find(place, { nonce: "n2", known: [first, second] })).toBeUndefined();

  await platform.remove(place, second);
  await platform.remove(place, second);
  expect(discord.message(ops, second)).toBeUndefined();
  await expect(platform.edit(place, second, "x")).rejects.toMatchObject({ code: "10008" });
});

test("a part is found behind a page of other messages", async () => {
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const { place } = await ask(room);
  for (let count = 0; count < 120; count += 1) {
    discord.say({ channel: ops, user: ana, text: `talk ${count}` });
  }
  const reference = await platform.post(place, { text: "late", nonce: "n1" });
  expect(await platform.find(place, { nonce: "n1", known: [] })).toBe(reference);
});

test("a post whose answer was lost is repeated without a second message", async () => {
  await using room = await openRoom();
  const { discord, platform, ops } = room;
  const { asked, place } = await ask(room);
  discord.faults.next(POST, resetAfter());
  const part = { text: "once", nonce: "n1" };
  await expect(platform.post(place, part)).rejects.toBeInstanceOf(PlatformUnreachable);

  const found = await platform.find(place, { nonce: "n1", known: [] });
  expect(await platform.post(place, part)).toBe(found);
  const replies = discord.messages(ops).filter(({ replyTo }) => replyTo === asked.id);
  expect(replies.map(({ content }) => content)).toEqual(["once"]);
});

test("a question that was deleted is answered all the same", async () => {
  await using room = await openRoom();
  const { discord, platform, ops } = room;
  const { asked, place } = await ask(room);
  discord.remove(asked);
  await platform.post(place, { text: "anyway", nonce: "n1" });
  expect(discord.messages(ops).at(-1)).toMatchObject({
    content: "anyway",
    user: discord.world.bot.id,
  });
});

test.each([
  ["a reset before the request", resetBefore(), PlatformUnreachable],
  ["a 503", serverError(503), PlatformUnreachable],
  ["missing permissions", refused("50013"), PlatformRefused],
  ["a 429", rateLimited(0.2), RateLimited],
])("%s is said in the relay's classes, after one try", async (_, fault, kind) => {
  await using room = await openRoom();
  const { discord, platform } = room;
  const { place } = await ask(room);
  discord.faults.next(POST, fault);
  await expect(platform.post(place, { text: "x", nonce: "n1" })).rejects.toBeInstanceOf(kind);
  expect(discord.calls.filter(({ operation }) => operation === POST)).toHaveLength(1);
});

test("Discord's own edit limit comes back as the time to wait, before Discord has to say it", async () => {
  await using room = await openRoom({ limits: "real" });
  const { discord, platform } = room;
  const { place } = await ask(room);
  const reference = await platform.post(place, { text: "0", nonce: "n1" });
  for (let count = 1; count <= 5; count += 1) await platform.edit(place, reference, `${count}`);
  const limited: unknown = await platform
    .edit(place, reference, "6")
    .catch((error: unknown) => error);
  expect(limited).toBeInstanceOf(RateLimited);
  expect(limited).toMatchObject({ retryAfter: expect.closeTo(5000, -3) });
  const edits = discord.calls.filter(({ operation }) => operation === EDIT);
  expect(edits.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});

test("of sixteen parts at once Discord takes five, and the others learn at once how long to wait", async () => {
  await using room = await openRoom({ limits: "real" });
  const { platform } = room;
  const { place } = await ask(room);
  const begun = Date.now();
  const parts = Array.from({ length: 16 }, (_, index) => ({
    text: `${index}`,
    nonce: `n${index}`,
  }));
  const outcomes = await Promise.allSettled(parts.map((part) => platform.post(place, part)));
  const took = Date.now() - begun;

  const posted = outcomes.slice(0, 5).map(({ status }) => status);
  expect(posted).toEqual(Array(5).fill("fulfilled"));
  for (const outcome of outcomes.slice(5)) {
    expect(outcome).toMatchObject({ reason: { name: "RateLimited" } });
    const wait: unknown = outcome.status === "rejected" && outcome.reason.retryAfter;
    expect(wait).toBeGreaterThan(5000 - took - 100);
    expect(wait).toBeLessThanOrEqual(5000);
  }
  expect(took).toBeLessThan(2000);
});

test("the wait that a 429 asks for is passed on to the millisecond", async () => {
  await using room = await openRoom();
  const { discord, platform } = room;
  const { place } = await ask(room);
  discord.faults.next(POST, rateLimited(0.25));
  const part = { text: "x", nonce: "n1" };
  await expect(platform.post(place, part)).rejects.toMatchObject({ retryAfter: 250 });
});
