import { type Attachment as DiscordAttachment, type Message, MessageType } from "discord.js";

import type {
  Addressed,
  Attachment,
  Conversation,
  IncomingMessage,
} from "../../src/relay/platform.ts";
import { toMarkdown } from "./text.ts";

/** Replies that are followed back; what lies further away is found by intake. */
const MOST_ANCESTORS = 50;

/**
 * A message as the relay sees it, or undefined where it is none of the bot's business.
 * Reads the message and what discord.js already knows; asks nobody.
 */
export function toIncoming(message: Message, me: string): IncomingMessage | undefined {
  if (!isFromPerson(message, me)) return undefined;
  const addressed = addressedBy(message, me);
  if (addressed === undefined) return undefined;
  const ancestors = ancestorsOf(message);
  const text = textOf(message, me);
  const files = filesOf(message);
  // Without the MessageContent intent a message in a thread that names nobody arrives hollow.
  if (addressed === "thread" && text === "" && files.length === 0) return undefined;
  return {
    id: message.id,
    conversation: conversationOf(message, ancestors),
    ancestors,
    author: {
      id: message.author.id,
      name: message.member?.displayName ?? message.author.displayName,
    },
    text,
    sentAt: message.createdTimestamp,
    addressed,
    files,
  };
}

function isFromPerson({ author, webhookId, type }: Message, me: string): boolean {
  if (author.bot || author.system || author.id === me || webhookId !== null) return false;
  return type === MessageType.Default || type === MessageType.Reply;
}

/** @everyone, @here and a reply's silent ping name nobody; the role that Discord made for the bot does. */
function addressedBy(message: Message, me: string): Addressed | undefined {
  if (message.guildId === null) return "direct";
  const { mentions } = message;
  const named = { ignoreEveryone: true, ignoreRoles: true, ignoreRepliedUser: true };
  if (mentions.has(me, named) || ownRole(message, me) !== undefined) return "mention";
  if (message.type === MessageType.Reply && mentions.repliedUser?.id === me) return "reply";
  return message.channel.isThread() ? "thread" : undefined;
}

function ownRole({ mentions }: Message, me: string): string | undefined {
  return mentions.roles.find((role) => role.tags?.botId === me)?.id;
}

/**
 * A thread is a channel of its own on Discord, and a thread that was begun from a message has that message's id:
 * so its conversation names the thread twice, as channel and as root, and can never be taken for the reply chain
 * below the same message. Everything is posted to `channel`, whatever kind of conversation it is.
 */
function conversationOf(message: Message, ancestors: readonly string[]): Conversation {
  const { guildId, channelId: channel } = message;
  if (guildId === null) return { platform: "discord", workspace: "dm", channel };
  const root = message.channel.isThread() ? channel : (ancestors.at(-1) ?? message.id);
  return { platform: "discord", workspace: guildId, channel, root };
}

function ancestorsOf(message: Message): string[] {
  const ancestors: string[] = [];
  let next = repliedTo(message);
  while (next !== undefined && ancestors.length < MOST_ANCESTORS && !ancestors.includes(next)) {
    ancestors.push(next);
    next = repliedTo(message.channel.messages.cache.get(next));
  }
  return ancestors;
}

/** A forward has a reference as well; only a reply has an ancestor. */
function repliedTo(message: Message | undefined): string | undefined {
  if (message?.type !== MessageType.Reply) return undefined;
  return message.reference?.messageId;
}

function textOf(message: Message, me: string): string {
  const { mentions, client, guild } = message;
  const role = ownRole(message, me);
  const own = role === undefined ? [me] : [me, role];
  const names = {
    user: (id: string) =>
      mentions.members?.get(id)?.displayName ?? mentions.users.get(id)?.displayName,
    role: (id: string) => guild?.roles.cache.get(id)?.name,
    channel: (id: string) => {
      const channel = client.channels.cache.get(id);
      if (channel !== undefined && "name" in channel) return channel.name ?? undefined;
      return mentions.crosspostedChannels.get(id)?.name;
    },
  };
  const stickers = message.stickers.map(({ name }) => `(sticker: ${name})`);
  const forwarded = message.messageSnapshots.map(
    ({ content }) => `Forwarded message:\n${quote(toMarkdown(content, [], names))}`,
  );
  return [toMarkdown(message.content, own, names), ...stickers, ...forwarded]
    .filter((part) => part !== "")
    .join("\n\n");
}

function quote(text: string): string {
  return text.replaceAll(/^/gm, "> ");
}

/** Files, voice messages, and the files of what was forwarded. */
function filesOf(message: Message): Attachment[] {
  const forwarded = message.messageSnapshots.flatMap(({ attachments }) => attachments);
  return [...message.attachments.values(), ...forwarded.values()].map(fileOf);
}

function fileOf({ id, name, contentType, size, url }: DiscordAttachment): Attachment {
  return { id, name, type: contentType ?? "application/octet-stream", size, url };
}
