import { MessageType, SnowflakeUtil } from "discord.js";

import type { Addressed, Conversation, IncomingMessage } from "../../src/relay/message.ts";
import type { Described, Directory } from "./directory.ts";
import type { Recent } from "./recent.ts";
import { answeredBy, nameOf, readContent, type Written } from "./written.ts";

/** Replies that are followed back; what lies further away is found by intake. */
const MOST_ANCESTORS = 50;

const REPLY: number = MessageType.Reply;
const DEFAULT: number = MessageType.Default;

/** A message before Discord was asked how its author belongs here. */
export type Heard = Omit<IncomingMessage, "standing">;

/** What is known already, and is asked of nobody. */
export interface Known {
  readonly me: string;
  readonly directory: Directory;
  readonly recent: Recent;
}

/** The channel that a message stands in. */
export type Stand = { readonly channel: string } & Pick<Described, "guild" | "thread" | "where">;

/** A message as the relay sees it, or undefined where it is none of the bot's business. */
export function toIncoming(message: Written, stand: Stand, known: Known): Heard | undefined {
  const { me } = known;
  if (!isFromPerson(message, me)) return undefined;
  const addressed = addressedBy(message, stand, known);
  const ancestors = ancestorsOf(message, known.recent);
  const { text, files } = readContent(message, { ...known, guild: stand.guild });
  // Without the MessageContent intent a message that names nobody arrives hollow.
  const plain = addressed === "thread" || addressed === "channel";
  if (plain && text === "" && files.length === 0) return undefined;
  return {
    id: message.id,
    conversation: conversationOf(message, stand, ancestors),
    ancestors,
    author: { id: message.author.id, name: nameOf(message.author, message.member) },
    where: stand.where,
    text,
    sentAt: timeOf(message.id),
    addressed,
    files,
  };
}

function isFromPerson({ author, webhook_id, type }: Written, me: string): boolean {
  if (author.bot || author.system || author.id === me || webhook_id !== undefined) return false;
  return type === DEFAULT || type === REPLY;
}

/** @everyone, @here and a reply's silent ping name nobody; the role that Discord made for the bot does. */
function addressedBy(
  message: Written,
  { guild, thread }: Stand,
  { me, directory }: Known,
): Addressed {
  if (guild === null) return "direct";
  const { content, mentions, mention_roles, referenced_message } = message;
  // Discord counts the author of the replied message among the mentioned as well; mentions in code it does not.
  const named = mentions.some(({ id }) => id === me) && new RegExp(`<@!?${me}>`).test(content);
  const role = directory.ownRole(guild);
  if (named || (role !== undefined && mention_roles.includes(role))) return "mention";
  if (message.type === REPLY && referenced_message?.author.id === me) return "reply";
  return thread ? "thread" : "channel";
}

/**
 * A thread is a channel of its own on Discord, and a thread that was begun from a message has that message's id:
 * so its conversation names the thread twice, as channel and as root, and can never be taken for the reply chain
 * below the same message. Everything is posted to `channel`, whatever kind of conversation it is.
 */
function conversationOf(
  { id }: Written,
  { guild, channel, thread }: Stand,
  ancestors: readonly string[],
): Conversation {
  if (guild === null) return { platform: "discord", workspace: "dm", channel };
  const root = thread ? channel : (ancestors.at(-1) ?? id);
  return { platform: "discord", workspace: guild, channel, root };
}

/** Discord tells the message that is replied to, and what that one replies to; further back goes what is remembered. */
function ancestorsOf(message: Written, recent: Recent): string[] {
  const ancestors: string[] = [];
  const before = message.referenced_message;
  let next = answeredBy(message);
  while (next !== undefined && ancestors.length < MOST_ANCESTORS && !ancestors.includes(next)) {
    ancestors.push(next);
    next = before?.id === next ? answeredBy(before) : recent.get(next)?.repliesTo;
  }
  return ancestors;
}

/** A snowflake's last 12 bits count what was made within its millisecond: as a fraction they keep the order. */
function timeOf(id: string): number {
  return SnowflakeUtil.timestampFrom(id) + Number(BigInt(id) & 0xfffn) / 4_096;
}
