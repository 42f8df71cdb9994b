import { z } from "zod";
import { Block, mrkdwnOf } from "./blocks.ts";
import { File } from "./files.ts";
import { listOf } from "./list.ts";
import { type Names, readText } from "./text.ts";

/**
 * What hangs on a message: somebody else's message that was forwarded with it, or what an app says in the older
 * form of attachments.
 */
export const Quote = z.object({
  is_share: z.boolean().optional(),
  is_msg_unfurl: z.boolean().optional(),
  message_blocks: listOf(
    z.object({ message: z.object({ blocks: listOf(Block), files: listOf(File) }) }),
  ),
  author_id: z.string().optional(),
  author_name: z.string().optional(),
  from_url: z.string().optional(),
  pretext: z.string().optional(),
  title: z.string().optional(),
  text: z.string().optional(),
  fields: listOf(z.object({ title: z.string().optional(), value: z.string().optional() })),
  fallback: z.string().optional(),
  blocks: listOf(Block),
  files: listOf(File),
});

export type Quote = z.infer<typeof Quote>;

/** The preview of a link repeats what stands behind it, not what anybody said. */
export function isPreview(quote: Quote): boolean {
  return quote.from_url !== undefined && !isForwarded(quote);
}

/** In mrkdwn; "" where nothing was said. */
export function wordsOf(quote: Quote): string {
  if (isForwarded(quote)) {
    const blocks = quote.message_blocks.flatMap(({ message }) => message.blocks);
    return quote.text || mrkdwnOf(blocks) || "";
  }
  const fields = quote.fields.map(({ title, value }) => [title, value].filter(Boolean).join(": "));
  const words = [quote.pretext, quote.title, quote.text, ...fields, mrkdwnOf(quote.blocks)];
  return words.filter(Boolean).join("\n") || (quote.fallback ?? "");
}

export function filesOf(quote: Quote): File[] {
  const inBlocks = quote.message_blocks.flatMap(({ message }) => message.files);
  const files = [...quote.files, ...inBlocks];
  return files.filter(({ id }, index) => files.findIndex((file) => file.id === id) === index);
}

/** As a Markdown quotation, with the name of who said it; "" where nothing was said and nothing hangs on it. */
export function quotationOf(quote: Quote, names: Names): string {
  const words = readText(wordsOf(quote), names).trim();
  const quoted = words.replaceAll(/^/gm, "> ");
  if (!isForwarded(quote)) return words === "" ? "" : quoted;
  const { author_id = "", author_name } = quote;
  const author = (names.user(author_id) ?? author_name ?? (author_id || "somebody")).replaceAll(
    /\s+/g,
    " ",
  );
  return words === ""
    ? `Forwarded from ${author}, without text.`
    : `Forwarded from ${author}:\n${quoted}`;
}

function isForwarded({ is_share, is_msg_unfurl, message_blocks }: Quote): boolean {
  return is_share === true || is_msg_unfurl === true || message_blocks.length > 0;
}
