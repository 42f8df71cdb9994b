import { z } from "zod";
import type { Attachment } from "../../src/relay/message.ts";
import { Block, mrkdwnOf } from "./blocks.ts";
import type { Directory, Subjects } from "./directory.ts";
import { attachmentOf, File, urlOf } from "./files.ts";
import type { Identity } from "./identity.ts";
import { listOf } from "./list.ts";
import { filesOf, isPreview, Quote, quotationOf, wordsOf } from "./quotes.ts";
import { Author } from "./standing.ts";
import { mentionedIn, toMarkdown } from "./text.ts";

/** What is read of a message, whether it comes in an event or from conversations.replies. */
export const Message = Author.extend({
  subtype: z.string().optional(),
  ts: z.string(),
  thread_ts: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().nullish(),
  bot_profile: z.object({ name: z.string().optional() }).nullish().catch({}),
  /** The name under which an app posted. */
  username: z.string().nullish(),
  hidden: z.boolean().optional(),
  text: z.string().nullish(),
  blocks: listOf(Block),
  files: listOf(File),
  attachments: listOf(Quote).transform((quotes) => quotes.filter((quote) => !isPreview(quote))),
});

export type Message = z.infer<typeof Message>;

/** Markdown: the words, then what was forwarded with them, as quotations. */
export function textOf(message: Message, bot: Identity | undefined, directory: Directory): string {
  const user = (id: string): string | undefined =>
    id === bot?.user ? bot.name : directory.user(id);
  const quotations = message.attachments.map((quote) => quotationOf(quote, { user }));
  const said = toMarkdown(mrkdwn(message), bot?.user ?? "", { user });
  return [said, ...quotations].filter(Boolean).join("\n\n");
}

/** Its own files and those of what was forwarded with it. */
export function attachmentsOf(message: Message, directory: Directory): Attachment[] {
  return allFiles(message).map((file) => attachmentOf(file, directory.file(file.id)));
}

/** What Slack must be asked about to read this message in full. */
export function subjectsOf(message: Message): Subjects {
  const { user, attachments } = message;
  const people = [
    user,
    ...mentionedIn(mrkdwn(message)),
    ...attachments.flatMap((quote) => [quote.author_id, ...mentionedIn(wordsOf(quote))]),
  ];
  return {
    people: [...new Set(people.filter((id) => id !== undefined))],
    files: allFiles(message)
      .filter((file) => urlOf(file) === undefined)
      .map(({ id }) => id),
  };
}

/** Sent at, in milliseconds since 1970. */
export function timeOf(ts: string): number {
  return Math.floor(Number(ts) * 1000);
}

function allFiles({ files, attachments }: Message): File[] {
  return [...files, ...attachments.flatMap(filesOf)];
}

function mrkdwn({ text, blocks }: Message): string {
  return text || mrkdwnOf(blocks);
}
