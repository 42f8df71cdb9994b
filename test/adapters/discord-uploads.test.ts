import { expect, test } from "vitest";

import { PlatformUnreachable } from "../../src/errors.ts";
import { refused, resetAfter } from "../../simulator/faults.ts";
import { ask, openRoom } from "./discord-setup.ts";

const POST = "POST /channels/:id/messages";
const FILE = { name: "answer.md", bytes: new TextEncoder().encode("# All of it\n") };

test("a file stands below its question, pings nobody and is never taken for a part of the reply", async () => {
  await using room = await openRoom();
  const { discord, platform, ops } = room;
  const { asked, place } = await ask(room);
  await platform.upload(place, FILE);

  const shown = discord.messages(ops).at(-1);
  expect(shown).toMatchObject({ replyTo: asked.id, pings: [], content: "" });
  expect(shown?.files).toMatchObject([{ name: "answer.md", content: FILE.bytes }]);
  expect(await platform.find(place, { nonce: "n0", known: [] })).toBeUndefined();
});

test("an upload whose answer was lost can be repeated without a second file", async () => {
  await using room = await openRoom();
  const { discord, platform, ops } = room;
  const { place } = await ask(room);
  discord.faults.next(POST, resetAfter());
  await expect(platform.upload(place, FILE)).rejects.toBeInstanceOf(PlatformUnreachable);
  await platform.upload(place, FILE);
  await platform.upload(place, { ...FILE, name: "other.md" });
  const files = discord.messages(ops).flatMap((message) => message.files);
  expect(files.map(({ name }) => name)).toEqual(["answer.md", "other.md"]);
});

test("ten megabytes arrive whole; more are refused before they are sent, and what Discord finds too large as well", async () => {
  await using room = await openRoom();
  const { discord, platform, ops } = room;
  const { place } = await ask(room);
  const most = 10 * 2 ** 20;
  await platform.upload(place, { name: "most.bin", bytes: new Uint8Array(most).fill(7) });
  expect(discord.messages(ops).at(-1)?.files[0]?.content.length).toBe(most);

  const sent = discord.calls.length;
  const tooMuch = { name: "more.bin", bytes: new Uint8Array(most + 1) };
  await expect(platform.upload(place, tooMuch)).rejects.toMatchObject({ code: "too_large" });
  expect(discord.calls.length).toBe(sent);

  discord.faults.next(POST, refused("40005"));
  await expect(platform.upload(place, FILE)).rejects.toMatchObject({ code: "too_large" });
  discord.faults.next(POST, refused("50013"));
  await expect(platform.upload(place, FILE)).rejects.toMatchObject({ code: "50013" });
});

test("in the thread that its answer opened, a file stands in the thread", async () => {
  await using room = await openRoom();
  const { discord, platform, ops } = room;
  const { asked, place } = await ask(room);
  const inThread = {
    ...place,
    conversation: { ...place.conversation, channel: asked.id, root: asked.id },
    opensThreadIn: ops,
  };
  await platform.post(inThread, { text: "see the file", nonce: "n0" });
  await platform.upload(inThread, FILE);
  expect(discord.messages(asked.id).map(({ files }) => files.length)).toEqual([0, 1]);
});
