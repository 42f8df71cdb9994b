import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import type { IncomingMessage } from "../../src/relay/message.ts";
import { createDiscordSimulator } from "../../simulator/discord/index.ts";
import { ask, handsOf, log, openRoom, placeOf } from "./discord-setup.ts";

test("a mention begins a conversation of its own, and reads as people see it", async () => {
  await using room = await openRoom();
  const { discord, ops, ana } = room;
  const lee = discord.user("Lee");
  const { bot, guild } = discord.world;
  const text = `<@${bot.id}> ask <@${lee}> in <#${ops}> <:party:123456789012345678> \`<@${lee}>\``;
  const file = { name: "log.txt", type: "text/plain", content: "boom" };
  const said = discord.say({ channel: ops, user: ana, text, files: [file] });

  const message = await room.next();
  expect(message).toEqual({
    id: said.id,
    conversation: { platform: "discord", workspace: guild.id, channel: ops, root: said.id },
    ancestors: [],
    author: { id: ana, name: "Ana" },
    text: `ask @Lee in #ops :party: \`<@${lee}>\``,
    sentAt: expect.closeTo(Date.now(), -4),
    addressed: "mention",
    standing: "member",
    where: { name: "ops" },
    files: [
      {
        id: said.files[0]?.id,
        name: "log.txt",
        type: "text/plain",
        size: 4,
        url: expect.any(String),
      },
    ],
  });
  const download = await fetch(message.files[0]?.url ?? "");
  expect(await download.text()).toBe("boom");
});

test("the role that Discord manages for the bot names it; @everyone and code do not; bots and webhooks are not heard", async () => {
  await using room = await openRoom({
    seedWorld: {
      users: [{ name: "Ana" }, { name: "Robo", kind: "bot" }, { name: "Hook", kind: "webhook" }],
    },
  });
  const { discord, ops, ana } = room;
  const { bot, guild } = discord.world;
  discord.say({ channel: ops, user: ana, text: "@everyone hello" });
  discord.say({ channel: ops, user: ana, text: "lunch?" });
  discord.say({ channel: ops, user: ana, text: `\`<@${bot.id}>\`` });
  for (const name of ["Robo", "Hook"]) {
    discord.say({ channel: ops, user: discord.user(name), text: `<@${bot.id}> hi` });
  }
  discord.say({ channel: ops, user: ana, text: `<@&${guild.botRole}> you there?` });

  for (const text of ["@everyone hello", "lunch?", `\`<@${bot.id}>\``]) {
    expect(await room.next()).toMatchObject({ text, addressed: "channel" });
  }
  expect(await room.next()).toMatchObject({ text: "you there?", addressed: "mention" });
});

test("a reply to the bot carries its ancestors, nearest first, also with the ping switched off", async () => {
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const { asked, place } = await ask(room);
  const reference = await platform.post(place, { text: "green", nonce: "n1" });
  const replyTo = discord.message(ops, reference);
  if (replyTo === undefined) throw new Error("The reply is gone.");
  discord.say({ channel: ops, user: ana, text: "since when?", replyTo, ping: false });

  expect(await room.next()).toMatchObject({
    addressed: "reply",
    ancestors: [reference, asked.id],
    conversation: place.conversation,
  });
});

test("a thread is a conversation of its own, to which can be posted from the conversation alone", async () => {
  await using room = await openRoom();
  const { discord, platform, ops, ana } = room;
  const { asked } = await ask(room);
  const { id: thread } = discord.openThread({
    channel: ops,
    user: ana,
    name: "T",
    message: asked,
  });
  discord.say({ channel: thread, user: ana, text: "and here?" });

  const message = await room.next();
  expect(message).toMatchObject({
    addressed: "thread",
    conversation: { channel: thread, root: thread },
    where: { name: "T", parent: { id: ops, name: "ops" } },
  });
  await platform.post(placeOf(message), { text: "here too", nonce: "n1" });
  expect(discord.messages(thread).at(-1)?.content).toBe("here too");
});

test("a DM needs no mention; forwarded text and voice messages come along", async () => {
  await using room = await openRoom();
  const { discord, ops, ana } = room;
  const forward = discord.say({
    channel: ops,
    user: discord.user("Lee"),
    text: "disk full\nagain",
  });
  await room.next();
  const { id: dm } = discord.world.openDm(ana);
  discord.say({ channel: dm, user: ana, text: "see", forward });
  expect(await room.next()).toMatchObject({
    addressed: "direct",
    conversation: { platform: "discord", workspace: "dm", channel: dm },
    text: "see\n\nForwarded message:\n> disk full\n> again",
  });

  const voice = { name: "voice-message.ogg", type: "audio/ogg", content: "ogg", duration: 2 };
  discord.say({ channel: dm, user: ana, text: "", files: [voice] });
  expect(await room.next()).toMatchObject({ text: "", files: [{ type: "audio/ogg" }] });
});

test("a message that the gateway delivers twice has one identity", async () => {
  await using room = await openRoom();
  const { discord, ops, ana } = room;
  discord.faults.duplicateDelivery(2);
  const said = ["one", "two", "last"].map((text) =>
    discord.say({ channel: ops, user: ana, text: `<@${discord.world.bot.id}> ${text}` }),
  );
  const received: IncomingMessage[] = [];
  do received.push(await room.next());
  while (received.at(-1)?.text !== "last");
  expect([...new Set(received.map(({ id }) => id))]).toEqual(said.map(({ id }) => id));
});

test("what is said while the socket is gone arrives after the resume", async () => {
  await using room = await openRoom();
  const { discord, ops, ana } = room;
  discord.faults.dropSockets();
  discord.say({ channel: ops, user: ana, text: `<@${discord.world.bot.id}> still there?` });
  expect(await room.next()).toMatchObject({ text: "still there?" });
  expect(room.platform.ready).toBe(true);
});

test("after stop nothing comes in, what is being received is awaited, and posts still work", async () => {
  await using discord = await createDiscordSimulator({ limits: "off" });
  await using platform = createDiscordPlatform({
    token: discord.token,
    apiUrl: discord.apiUrl,
    log,
  });
  const begun = Promise.withResolvers<IncomingMessage>();
  const recorded = Promise.withResolvers<void>();
  const receive = (message: IncomingMessage): Promise<void> => {
    begun.resolve(message);
    return recorded.promise;
  };
  await platform.start(handsOf({ receive }));
  const ops = discord.channel("ops");
  discord.say({ channel: ops, user: discord.user("Ana"), text: `<@${discord.world.bot.id}> hi` });
  const place = placeOf(await begun.promise);

  let stopped = false;
  const stopping = platform.stop().then(() => (stopped = true));
  await discord.waitFor(() => discord.sockets === 0);
  expect(stopped).toBe(false);
  recorded.resolve();
  await stopping;
  expect(platform.ready).toBe(false);
  await platform.post(place, { text: "bye", nonce: "n1" });
  expect(discord.messages(ops).at(-1)?.content).toBe("bye");
});
