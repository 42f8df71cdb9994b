import { EmbedType, MessageReferenceType, MessageType, SnowflakeUtil } from "discord.js";
import { z } from "zod";

import type { Attachment, EarlierMessage } from "../../src/relay/message.ts";
import { type Content, readFiles, readText } from "./content.ts";
import type { Directory } from "./directory.ts";

/** Messages as REST answers them and the gateway tells them, read as far as the bot needs them. */

export const User = z.object({
  id: z.string(),
  username: z.string().default(""),
  global_name: z.string().nullish(),
  bot: z.boolean().default(false),
  system: z.boolean().default(false),
});
/** What a server knows of a person. REST does not tell it with a message. */
export const Member = z.object({ nick: z.string().nullish(), pending: z.boolean().default(false) });
const Mentioned = User.extend({ member: Member.optional() });
const File = z.object({
  id: z.string(),
  filename: z.string(),
  content_type: z.string().nullish(),
  size: z.number().optional(),
  url: z.string(),
});
const Embed = z.object({
  type: z.string().optional(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
});
const Shown = z.object({
  content: z.string().default(""),
  attachments: z.array(File).default([]),
  embeds: z.array(Embed).default([]),
  sticker_items: z.array(z.object({ name: z.string() })).default([]),
});
const Single = Shown.extend({
  id: z.string(),
  type: z.number().default(MessageType.Default),
  author: User,
  member: Member.optional(),
  webhook_id: z.string().optional(),
  edited_timestamp: z.string().nullish(),
  mentions: z.array(Mentioned).default([]),
  mention_roles: z.array(z.string()).default([]),
  message_reference: z
    .object({ type: z.number().optional(), message_id: z.string().optional() })
    .optional(),
  message_snapshots: z.array(z.object({ message: Shown })).default([]),
});

/** With the message that it replies to, but not the one behind that. */
export const Written = Single.extend({ referenced_message: Single.nullish() });
export type Written = z.infer<typeof Written>;

/** What people and programs say; all else (joins, pins, renamed threads) is Discord speaking. */
const SAID: ReadonlySet<number> = new Set([
  MessageType.Default,
  MessageType.Reply,
  MessageType.ChatInputCommand,
  MessageType.ContextMenuCommand,
]);

/** The message that a thread was begun from, where this one stands for it at the thread's beginning. */
export function starterIn({ type, referenced_message }: Written): Written | undefined {
  const starts: number = MessageType.ThreadStarterMessage;
  return type === starts ? (referenced_message ?? undefined) : undefined;
}

/** A forward has a reference as well; only a reply has an ancestor. */
export function repliedTo({
  message_reference,
}: Pick<Written, "message_reference">): string | undefined {
  const forward: number = MessageReferenceType.Forward;
  return message_reference?.type === forward ? undefined : message_reference?.message_id;
}

/** What a reply replies to; nothing else that refers to a message has an ancestor. */
export function answeredBy(
  message: Pick<Written, "type" | "message_reference">,
): string | undefined {
  const reply: number = MessageType.Reply;
  return message.type === reply ? repliedTo(message) : undefined;
}

/** True where this id is the younger one; ids grow with time. */
export function isNewer(id: string, than: string | undefined): boolean {
  return than === undefined || BigInt(id) > BigInt(than);
}

/** False for what Discord itself wrote, and for a message that shows nothing the bot can read. */
export function saysSomething(message: Written): boolean {
  const { text, stickers, embeds, files, forwarded } = contentOf(message);
  if (!SAID.has(message.type)) return false;
  return text !== "" || [stickers, embeds, files, forwarded].some(({ length }) => length > 0);
}

/** As the relay sees it. */
export function toEarlier(
  message: Written,
  { guild, me, directory }: { guild: string; me: string; directory: Directory },
): EarlierMessage {
  const { id, author } = message;
  const known = directory.member(guild, author.id);
  return {
    id,
    author: { id: author.id, name: known ?? nameOf(author, message.member) },
    own: author.id === me,
    ...readContent(message, { guild, me, directory }),
    sentAt: SnowflakeUtil.timestampFrom(id),
  };
}

/** What it says, with the names that people see, and its files. */
export function readContent(
  message: Written,
  { guild, me, directory }: { guild: string | null; me: string; directory: Directory },
): { text: string; files: Attachment[] } {
  const content = contentOf(message);
  const role = guild === null ? undefined : directory.ownRole(guild);
  const member = (id: string): string | undefined =>
    guild === null ? undefined : directory.member(guild, id);
  const text = readText(content, role === undefined ? [me] : [me, role], {
    user: (id) => {
      const user = message.mentions.find((one) => one.id === id);
      return member(id) ?? (user && nameOf(user, user.member));
    },
    role: (id) => (guild === null ? undefined : directory.role(guild, id)),
    channel: (id) => directory.channel(id),
  });
  return { text, files: readFiles(content) };
}

/** The name that people see. */
export function nameOf(user: z.infer<typeof User>, member?: z.infer<typeof Member>): string {
  return member?.nick ?? user.global_name ?? (user.username || user.id);
}

/** A program may say all it says in embeds; a person's are previews of links. */
function contentOf(message: Written): Content {
  const program = message.author.bot || message.webhook_id !== undefined;
  return {
    ...shown(message, program),
    forwarded: message.message_snapshots.map((snapshot) => ({
      ...shown(snapshot.message, snapshot.message.content === ""),
      forwarded: [],
    })),
  };
}

function shown(part: z.infer<typeof Shown>, withEmbeds: boolean): Omit<Content, "forwarded"> {
  const rich: string = EmbedType.Rich;
  return {
    text: part.content,
    stickers: part.sticker_items,
    embeds: withEmbeds ? part.embeds.filter(({ type = rich }) => type === rich) : [],
    files: part.attachments.map(fileOf),
  };
}

export function fileOf({
  id,
  filename,
  content_type,
  size,
  url,
}: z.infer<typeof File>): Attachment {
  const type = content_type ?? "application/octet-stream";
  return { id, name: filename, type, ...(size !== undefined && { size }), url };
}
