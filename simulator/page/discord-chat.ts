import type { DiscordChannel, DiscordMessage, DiscordSimulator } from "../discord/index.ts";
import { timeOf } from "../discord/snowflakes.ts";
import { BadRequest, type Chat, fileUrl, isPicture, type MessageView, type Room } from "./chat.ts";
import { shorten } from "./escape.ts";
import { createNames, type Names, writeMentions } from "./names.ts";
import { createRenderer, type Dialect, type Renderer, type Token } from "./render.ts";

/** Discord refuses a longer message. */
const LONGEST = 2_000;
/** Milliseconds for which Discord shows that somebody is typing. */
const TYPING_LASTS = 10_000;
const TOKEN = /<(?:@[!&]?|#|a?:\w{2,32}:)\d{1,20}>/g;

/** The simulated Discord as the page shows it. A thread is shown in the channel that it belongs to. */
export function createDiscordChat(discord: DiscordSimulator): Chat {
  const { world } = discord;
  const renderer = createRenderer();
  const names = (): Names =>
    createNames([...world.users.values()].map(({ id, name }) => [id, name] as const));
  const people = (): string[] =>
    [...world.users.values()].filter(({ kind }) => kind === "member").map(({ name }) => name);
  for (const { id, kind } of world.users.values()) if (kind === "member") world.openDm(id);

  const find = (id: string): DiscordMessage | undefined => {
    for (const channel of world.channels.keys()) {
      const message = discord.message(channel, id);
      if (message !== undefined) return message;
    }
    return undefined;
  };
  const own = (id: string, person: string): DiscordMessage => {
    const message = find(id);
    if (message === undefined) throw new BadRequest("This message does not exist any more.", 404);
    if (message.user !== names().idOf(person))
      throw new BadRequest(`${person} can only change messages of their own.`, 403);
    return message;
  };
  const view = (message: DiscordMessage): MessageView =>
    viewOf(message, discord, names(), renderer);

  return {
    rooms: () =>
      [...world.channels.values()]
        .filter(({ type }) => type !== "thread")
        .map((channel) => roomOf(channel, discord, people())),
    messages: () => [...world.channels.keys()].flatMap((id) => discord.messages(id)).map(view),
    message: (id) => {
      const message = find(id);
      return message && view(message);
    },
    say({ room, person, text, thread, replyTo, files }) {
      const answered = replyTo === undefined ? undefined : find(replyTo);
      if (replyTo !== undefined && answered === undefined)
        throw new BadRequest("The message to reply to does not exist any more.", 404);
      if (thread !== undefined && world.channels.get(thread)?.type !== "thread")
        throw new BadRequest("There is no such thread on Discord.", 404);
      return discord.say({
        channel: thread ?? answered?.channel ?? room.replace("discord:", ""),
        user: names().idOf(person) ?? person,
        text: toDiscord(text, names()),
        ...(answered !== undefined && { replyTo: answered }),
        files,
      }).id;
    },
    edit: ({ message, person, text }) =>
      discord.edit(own(message, person), toDiscord(text, names())),
    remove: ({ message, person }) => discord.remove(own(message, person)),
    file(id) {
      for (const channel of world.channels.keys())
        for (const { files } of discord.messages(channel)) {
          const file = files.find((one) => one.id === id);
          if (file !== undefined) return { ...file, content: new Uint8Array(file.content) };
        }
      return undefined;
    },
    subscribe: (listener) =>
      discord.subscribe((change) => {
        switch (change.type) {
          case "posted":
          case "edited":
          case "reaction": {
            const { message } = change;
            return listener({ type: "message", id: message.id, read: () => view(message) });
          }
          case "deleted":
            return listener({
              type: "removed",
              id: change.message.id,
              room: placeOf(change.message.channel, discord).room,
            });
          case "typing":
            if (change.user !== world.bot.id) return;
            return listener({
              type: "status",
              status: {
                ...placeOf(change.channel, discord),
                text: "is typing…",
                until: change.at + TYPING_LASTS,
              },
            });
          default:
        }
      }),
  };
}

function roomOf(
  channel: DiscordChannel,
  { world }: DiscordSimulator,
  people: readonly string[],
): Room {
  const person = channel.user === undefined ? undefined : world.userOf(channel.user).name;
  return {
    id: `discord:${channel.id}`,
    platform: "discord",
    workspace: world.guild.name,
    kind: person === undefined ? "channel" : "dm",
    name: person ?? channel.name,
    people: person === undefined ? people : [person],
  };
}

function placeOf(
  channel: string,
  { world }: DiscordSimulator,
): Pick<MessageView, "room" | "thread"> {
  const parent = world.channels.get(channel)?.parent;
  return parent === undefined
    ? { room: `discord:${channel}` }
    : { room: `discord:${parent}`, thread: channel };
}

function viewOf(
  message: DiscordMessage,
  discord: DiscordSimulator,
  names: Names,
  renderer: Renderer,
): MessageView {
  const { id, user, content, edits, files, reactions, onlyFor } = message;
  const answered = repliedTo(message, discord, names);
  return {
    id,
    ...placeOf(message.channel, discord),
    author: names.nameOf(user) ?? user,
    bot: user === discord.world.bot.id,
    at: timeOf(id),
    html: renderer(id, content, dialectOf(names, discord)),
    source: toSource(content, names, discord),
    edits: edits.length,
    ...(answered !== undefined && { replyTo: answered }),
    files: files.map((file) => ({
      name: file.name,
      size: file.content.length,
      url: fileUrl("discord", file.id),
      image: isPicture(file.type),
    })),
    reactions: [...reactions]
      .filter(([, people]) => people.length > 0)
      .map(([name, users]) => ({
        name: name.replace(/^(\w+):\d+$/, ":$1:"),
        people: users.map((person) => names.nameOf(person) ?? person),
      })),
    ...(onlyFor !== undefined && { onlyFor: names.nameOf(onlyFor) ?? onlyFor }),
  };
}

function repliedTo(
  { channel, replyTo }: DiscordMessage,
  discord: DiscordSimulator,
  names: Names,
): MessageView["replyTo"] {
  if (replyTo === undefined) return undefined;
  const message = discord.message(channel, replyTo);
  return message === undefined
    ? { id: replyTo, author: "", excerpt: "The message was deleted." }
    : {
        id: replyTo,
        author: names.nameOf(message.user) ?? message.user,
        excerpt: shorten(toSource(message.content, names, discord), 120),
      };
}

function dialectOf(names: Names, discord: DiscordSimulator): Dialect {
  return { token: TOKEN, read: (token) => readToken(token, names, discord), entities: false };
}

function readToken(token: string, names: Names, { world }: DiscordSimulator): Token | undefined {
  const [, sigil = "", id = ""] = /^<(\D+)(\d+)>$/.exec(token) ?? [];
  if (sigil === "#") return { text: `#${world.channels.get(id)?.name ?? id}` };
  if (sigil === "@&") return { text: id === world.guild.botRole ? `@${world.bot.name}` : `@${id}` };
  if (sigil.startsWith("@")) return { text: `@${names.nameOf(id) ?? id}` };
  return { text: sigil.replace(/^a/, "") };
}

function toDiscord(text: string, names: Names): string {
  const written = writeMentions(text, names, (id) => `<@${id}>`);
  if (written.length > LONGEST)
    throw new BadRequest(
      `Discord takes at most ${LONGEST} characters; this is ${written.length}.`,
      413,
    );
  return written;
}

function toSource(text: string, names: Names, discord: DiscordSimulator): string {
  return text.replaceAll(TOKEN, (token) => readToken(token, names, discord)?.text ?? token);
}
