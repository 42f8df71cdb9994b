import { readFile } from "node:fs/promises";

import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  Client,
  type ClientEvents,
  Events,
  type FetchMessagesOptions,
  GatewayIntentBits,
  MessageFlags,
  Partials,
} from "discord.js";
import { expect, test } from "vitest";
import { z } from "zod";

import { createDiscordSimulator, type DiscordSimulator } from "../../simulator/discord/index.ts";
import { makeSchema } from "../../simulator/discord/make-schema.ts";

function next<E extends keyof ClientEvents>(client: Client, event: E): Promise<ClientEvents[E]> {
  return new Promise((resolve) => {
    client.once(event, (...values) => resolve(values));
  });
}

/** The real discord.js, logged in, and #ops. */
async function logIn(discord: DiscordSimulator, ...intents: GatewayIntentBits[]) {
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.GuildMessageReactions,
      ...intents,
    ],
    partials: [Partials.Channel],
    rest: { api: discord.apiUrl },
  });
  const ready = next(client, Events.ClientReady);
  await client.login(discord.token);
  await ready;
  const ops = await client.channels.fetch(discord.channel("ops"));
  if (ops?.type !== ChannelType.GuildText) throw new Error("#ops is no text channel.");
  return { client, ops, [Symbol.asyncDispose]: () => client.destroy() };
}

/** One request without discord.js. */
async function send(discord: DiscordSimulator, method: string, path: string, body?: object) {
  const response = await fetch(`${discord.apiUrl}/v10${path}`, {
    method,
    headers: { authorization: `Bot ${discord.token}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = response.status === 204 ? undefined : await response.json();
  return { status: response.status, headers: response.headers, answer };
}

test("the committed request schema is what the installed discord-api-types give", async () => {
  const url = new URL("../../simulator/discord/request-schema.json", import.meta.url);
  const committed: unknown = JSON.parse(await readFile(url, "utf8"));
  expect(committed).toEqual(makeSchema());
});

test("a request that does not fit the platform's types is refused with the place of the fault", async () => {
  await using discord = await createDiscordSimulator();
  const path = `/channels/${discord.channel("ops")}/messages`;
  const bad = { message: "Invalid Form Body", code: 50035 };
  expect(await send(discord, "POST", path, { content: 5 })).toMatchObject({
    status: 400,
    answer: { ...bad, errors: { content: {} } },
  });
  expect(await send(discord, "POST", path, { contents: "typo" })).toMatchObject({
    answer: { ...bad, errors: { contents: {} } },
  });
  expect(await send(discord, "POST", path, { content: "x".repeat(2001) })).toMatchObject({
    answer: { ...bad, errors: { content: {} } },
  });
  expect(await send(discord, "POST", path, { content: "" })).toMatchObject({
    answer: { code: 50006 },
  });
  expect(discord.messages(discord.channel("ops"))).toEqual([]);
});

test("posts and edits have a bucket of five per channel, and all requests one of fifty", async () => {
  await using discord = await createDiscordSimulator({ limits: "real" });
  const path = `/channels/${discord.channel("ops")}/messages`;
  for (let left = 4; left >= 0; left -= 1) {
    const { headers } = await send(discord, "POST", path, { content: "x" });
    expect(headers.get("x-ratelimit-remaining")).toBe(String(left));
  }
  const { status, headers, answer } = await send(discord, "POST", path, { content: "x" });
  expect({ status, answer }).toMatchObject({ status: 429, answer: { global: false } });
  expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(4);

  const me = await Promise.all(
    Array.from({ length: 50 }, async () => send(discord, "GET", "/users/@me")),
  );
  expect(me.some((one) => one.headers.get("x-ratelimit-global") === "true")).toBe(true);
});

test("content is withheld without its intent, but not in DMs, mentions, and replies to the bot", async () => {
  await using discord = await createDiscordSimulator({ limits: "off" });
  await using bot = await logIn(discord);
  const [ops, user] = [discord.channel("ops"), discord.user("Ana")];
  const own = await bot.ops.send("hello");
  const replyTo = discord.message(ops, own.id);
  if (replyTo === undefined) throw new Error("The bot's message is gone.");
  const hear = async (words: Partial<Parameters<DiscordSimulator["say"]>[0]>) => {
    const heard = next(bot.client, Events.MessageCreate);
    discord.say({ channel: ops, user, text: "secret", ...words });
    return (await heard)[0].content;
  };
  expect(await hear({})).toBe("");
  expect(await hear({ text: `<@${discord.world.bot.id}> hi` })).toContain("hi");
  expect(await hear({ replyTo, ping: false })).toBe("secret");
  expect(await hear({ channel: discord.world.openDm(user).id })).toBe("secret");
});

test("pages of messages, threads, reactions, files, typing and DMs work with discord.js", async () => {
  await using discord = await createDiscordSimulator({ limits: "off" });
  await using bot = await logIn(discord);
  const user = discord.user("Ana");
  const said = ["a", "b", "c", "d"].map((text) => discord.say({ channel: bot.ops.id, user, text }));
  const contents = async (query: FetchMessagesOptions) =>
    (await bot.ops.messages.fetch(query)).map(({ content }) => content);
  const [first] = said;
  const [a = "", , c = ""] = said.map(({ id }) => id);
  expect(await contents({ limit: 2 })).toEqual(["d", "c"]);
  expect(await contents({ after: a, limit: 2 })).toEqual(["c", "b"]);
  expect(await contents({ before: c, limit: 1 })).toEqual(["b"]);
  expect(await contents({ around: c, limit: 3 })).toEqual(["d", "c", "b"]);

  const message = await bot.ops.messages.fetch(a);
  const thread = await message.startThread({ name: "T" });
  expect(thread.id).toBe(a);
  await expect(message.startThread({ name: "T" })).rejects.toMatchObject({ code: 160004 });
  const inside = await thread.send("inside");
  discord.archive(thread.id);
  await expect(inside.edit("late")).rejects.toMatchObject({ code: 50083 });
  discord.archive(thread.id, { locked: true });
  await expect(thread.send("late")).rejects.toMatchObject({ code: 160005 });

  await message.react("👍");
  expect(discord.message(bot.ops.id, a)?.reactions.get("👍")).toEqual([discord.world.bot.id]);
  const reacted = next(bot.client, Events.MessageReactionAdd);
  if (first !== undefined) discord.react(first, user, "👀");
  expect((await reacted)[0].emoji.name).toBe("👀");

  const sent = await bot.ops.send({ files: [{ attachment: Buffer.from("bytes"), name: "a.txt" }] });
  const url = sent.attachments.first()?.url ?? "";
  expect(await (await fetch(url)).text()).toBe("bytes");
  expect((await fetch(url.replace(/hm=.*/, "hm=00"))).status).toBe(404);

  await bot.ops.sendTyping();
  expect(discord.typing(bot.ops.id)).toBeGreaterThan(0);
  const dm = await (await bot.client.users.fetch(user)).createDM();
  await dm.send("psst");
  expect(discord.messages(discord.world.openDm(user).id).map((m) => m.content)).toEqual(["psst"]);
});

test("commands and buttons are answered as interactions, once and within three seconds", async () => {
  await using discord = await createDiscordSimulator({ limits: "off" });
  await using bot = await logIn(discord);
  const user = discord.user("Ana");
  await bot.client.application?.commands.set([{ name: "ask", description: "Asks" }]);
  const commanded = next(bot.client, Events.InteractionCreate);
  const slash = discord.slash({ channel: bot.ops.id, user, name: "ask", options: { q: "why" } });
  const [command] = await commanded;
  if (!command.isChatInputCommand()) throw new Error("No command.");
  expect(command.options.getString("q")).toBe("why");
  await command.deferReply({ flags: MessageFlags.Ephemeral });
  await expect(
    command.client.rest.post(`/interactions/${command.id}/${command.token}/callback`, {
      auth: false,
      body: { type: 5 },
    }),
  ).rejects.toMatchObject({ code: 40060 });
  await command.editReply("because");
  await command.followUp("more");
  expect(discord.interaction(slash.token)).toMatchObject({ state: "answered", ephemeral: true });
  expect(discord.messages(bot.ops.id)).toMatchObject([
    { content: "because", onlyFor: user },
    { content: "more" },
  ]);
  expect(await bot.ops.messages.fetch()).toHaveProperty("size", 1);

  const button = new ButtonBuilder().setCustomId("ok").setLabel("OK").setStyle(ButtonStyle.Success);
  const row = new ActionRowBuilder<ButtonBuilder>().addComponents(button);
  const asked = await bot.ops.send({ content: "sure?", components: [row] });
  const clicked = next(bot.client, Events.InteractionCreate);
  const shown = discord.message(bot.ops.id, asked.id);
  if (shown === undefined) throw new Error("The question is gone.");
  discord.clickButton(shown, "ok", user);
  const [click] = await clicked;
  if (!click.isButton()) throw new Error("No click.");
  await click.update({ content: "sure.", components: [] });
  expect(discord.message(bot.ops.id, asked.id)).toMatchObject({ content: "sure.", components: [] });
  expect(() => discord.clickButton(shown, "nope", user)).toThrow("no component nope");
});

test("the gateway closes and refuses as Discord's does, and replays after a resume", async () => {
  await using discord = await createDiscordSimulator({ messageContent: false });
  const { token } = discord;
  const [ops, user] = [discord.channel("ops"), discord.user("Ana")];
  const identify = (intents: number) => ({ op: 2, d: { token, intents } });
  const resume = (session_id: string, seq: number) => ({ op: 6, d: { token, session_id, seq } });
  const said = (text: string) => {
    const { id } = discord.say({ channel: ops, user, text });
    return expect.objectContaining({ t: "MESSAGE_CREATE", d: expect.objectContaining({ id }) });
  };

  expect(await closeCode(discord, "no JSON")).toBe(4002);
  expect(await closeCode(discord, { op: 3 })).toBe(4003);
  expect(await closeCode(discord, { op: 2, d: { token: "wrong", intents: 1 } })).toBe(4004);
  expect(await closeCode(discord, identify(1), identify(1))).toBe(4005);
  expect(await closeCode(discord, identify(2 ** 30))).toBe(4013);
  expect(await closeCode(discord, identify(1 << 15))).toBe(4014);

  const first = openGateway(discord, identify(1 | (1 << 9)));
  const [, ready] = await first.frames(3);
  const session = z.object({ d: z.object({ session_id: z.string() }) }).parse(ready).d.session_id;
  const seen = said("one");
  expect(await first.frames(4)).toContainEqual(seen);
  discord.faults.dropSockets();
  const missed = said("two");
  const second = openGateway(discord, resume(session, 3));
  expect((await second.frames(3)).slice(1)).toEqual([
    missed,
    expect.objectContaining({ t: "RESUMED" }),
  ]);
  discord.faults.forgetSessions();
  const third = openGateway(discord, resume(session, 3));
  expect((await third.frames(2)).at(-1)).toEqual({ op: 9, d: false });
});

/** A bare gateway socket that says these things after HELLO. */
function openGateway(discord: DiscordSimulator, ...sent: readonly unknown[]) {
  const socket = new WebSocket(discord.apiUrl.replace(/^http(.*)\/api$/, "ws$1"));
  const got: unknown[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener("close", ({ code }) => resolve(code));
  });
  socket.addEventListener("message", ({ data }) => {
    if (got.push(JSON.parse(String(data))) === 1) {
      for (const one of sent) socket.send(typeof one === "string" ? one : JSON.stringify(one));
    }
    for (const look of waiting) look();
  });
  /** The first `count` frames, once they are there. */
  const frames = (count: number): Promise<unknown[]> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (got.length >= count) resolve(got.slice(0, count));
      };
      waiting.add(look);
      look();
    });
  return { closed, frames };
}

async function closeCode(discord: DiscordSimulator, ...sent: readonly unknown[]): Promise<number> {
  return await openGateway(discord, ...sent).closed;
}
