import {
  type Attachment as DiscordAttachment,
  type Channel,
  type Embed,
  EmbedType,
  type Message,
  type MessageSnapshot,
  MessageType,
} from "discord.js";

import type {
  Addressed,
  Attachment,
  ChannelInfo,
  Conversation,
  IncomingMessage,
} from "../../src/relay/platform.ts";
import { type Content, readFiles, readText } from "./content.ts";

/** Replies that are followed back; what lies further away is found by intake. */
const MOST_ANCESTORS = 50;

/** A message before Discord was asked how its author belongs here. */
export type Heard = Omit<IncomingMessage, "standing">;

/**
 * A message as the relay sees it, or undefined where it is none of the bot's business.
 * Reads the message and what discord.js already knows; asks nobody.
 */
export function toIncoming(message: Message, me: string): Heard | undefined {
  if (!isFromPerson(message, me)) return undefined;
  const addressed = addressedBy(message, me);
  const ancestors = ancestorsOf(message);
  const content = contentOf(message);
  const text = textOf(content, message, me);
  const files = readFiles(content);
  // Without the MessageContent intent a message that names nobody arrives hollow.
  const plain = addressed === "thread" || addressed === "channel";
  if (plain && text === "" && files.length === 0) return undefined;
  return {
    id: message.id,
    conversation: conversationOf(message, ancestors),
    ancestors,
    author: {
      id: message.author.id,
      name: message.member?.displayName ?? message.author.displayName,
    },
    where: whereOf(message.channel),
    text,
    sentAt: timeOf(message),
    addressed,
    files,
  };
}

/** What this channel is called, as far as discord.js knows it. */
export function whereOf(channel: Channel | null): ChannelInfo {
  if (channel === null || channel.isDMBased()) return {};
  const { name } = channel;
  if (!channel.isThread()) {
    const topic = "topic" in channel ? channel.topic : null;
    return { name, ...(topic !== null && topic !== "" && { topic }) };
  }
  const { parentId: id, parent } = channel;
  if (id === null) return { name };
  return { name, parent: { id, ...(parent !== null && { name: parent.name }) } };
}

function isFromPerson({ author, webhookId, type }: Message, me: string): boolean {
  if (author.bot || author.system || author.id === me || webhookId !== null) return false;
  return type === MessageType.Default || type === MessageType.Reply;
}

/** @everyone, @here and a reply's silent ping name nobody; the role that Discord made for the bot does. */
function addressedBy(message: Message, me: string): Addressed {
  if (message.guildId === null) return "direct";
  const { mentions } = message;
  const named = { ignoreEveryone: true, ignoreRoles: true, ignoreRepliedUser: true };
  if (mentions.has(me, named) || ownRole(message, me) !== undefined) return "mention";
  if (message.type === MessageType.Reply && mentions.repliedUser?.id === me) return "reply";
  return message.channel.isThread() ? "thread" : "channel";
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

function textOf(content: Content, message: Message, me: string): string {
  const { mentions, client, guild } = message;
  const role = ownRole(message, me);
  const own = role === undefined ? [me] : [me, role];
  return readText(content, own, {
    user: (id) => mentions.members?.get(id)?.displayName ?? mentions.users.get(id)?.displayName,
    role: (id) => guild?.roles.cache.get(id)?.name,
    channel: (id) => {
      const channel = client.channels.cache.get(id);
      if (channel !== undefined && "name" in channel) return channel.name ?? undefined;
      return mentions.crosspostedChannels.get(id)?.name;
    },
  });
}

/** A person writes no embeds: theirs are previews of links. What they forward may be another bot's, that says all there. */
function contentOf(message: Message): Content {
  return {
    text: message.content,
    stickers: [...message.stickers.values()],
    embeds: [],
    files: message.attachments.map(fileOf),
    forwarded: message.messageSnapshots.map(snapshotOf),
  };
}

function snapshotOf({ content, stickers, embeds, attachments }: MessageSnapshot): Content {
  return {
    text: content,
    stickers: [...stickers.values()],
    embeds: content === "" ? embeds.map(({ data }) => data).filter(isRich) : [],
    files: attachments.map(fileOf),
    forwarded: [],
  };
}

function isRich({ type }: Embed["data"]): boolean {
  return type === undefined || type === EmbedType.Rich;
}

function fileOf({ id, name, contentType, size, url }: DiscordAttachment): Attachment {
  return { id, name, type: contentType ?? "application/octet-stream", size, url };
}

/** A snowflake's last 12 bits count what was made within its millisecond: as a fraction they keep the order. */
function timeOf({ id, createdTimestamp }: Pick<Message, "id" | "createdTimestamp">): number {
  return createdTimestamp + Number(BigInt(id) & 0xfffn) / 4_096;
}
