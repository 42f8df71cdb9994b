import { z } from "zod";

/**
 * The words of Block Kit, for messages that have no text of their own: what apps post, and what was forwarded.
 * The result is mrkdwn, so that one reader (text.ts) serves both.
 */

/** The fields in which blocks and their elements keep words; everything else in them is left alone. */
export interface Block {
  readonly type: string;
  readonly text?: string | { readonly text: string } | undefined;
  readonly elements?: readonly Block[] | undefined;
  readonly fields?: readonly { readonly text: string }[] | undefined;
  readonly style?: unknown;
  readonly user_id?: string | undefined;
  readonly channel_id?: string | undefined;
  readonly usergroup_id?: string | undefined;
  readonly url?: string | undefined;
  readonly name?: string | undefined;
  readonly range?: string | undefined;
  readonly fallback?: string | undefined;
  readonly alt_text?: string | undefined;
}

export const Block: z.ZodType<Block> = z.object({
  type: z.string(),
  text: z
    .union([z.string(), z.object({ text: z.string() })])
    .optional()
    .catch(undefined),
  get elements() {
    return z.array(Block).optional().catch(undefined);
  },
  fields: z
    .array(z.object({ text: z.string() }))
    .optional()
    .catch(undefined),
  style: z.unknown().optional(),
  user_id: z.string().optional().catch(undefined),
  channel_id: z.string().optional().catch(undefined),
  usergroup_id: z.string().optional().catch(undefined),
  url: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  range: z.string().optional().catch(undefined),
  fallback: z.string().optional().catch(undefined),
  alt_text: z.string().optional().catch(undefined),
});

export function mrkdwnOf(blocks: readonly Block[]): string {
  return blocks.map(wordsOf).filter(Boolean).join("\n");
}

function wordsOf(block: Block): string {
  const { type, elements = [], fields = [] } = block;
  switch (type) {
    case "rich_text":
      return mrkdwnOf(elements);
    case "rich_text_section":
      return elements.map(inline).join("");
    case "rich_text_preformatted":
      return `\`\`\`\n${elements.map(inline).join("")}\n\`\`\``;
    case "rich_text_quote":
      return elements.map(inline).join("").replaceAll(/^/gm, "> ");
    case "rich_text_list":
      return elements
        .map(
          (item, index) => `${block.style === "ordered" ? `${index + 1}.` : "-"} ${wordsOf(item)}`,
        )
        .join("\n");
    case "context":
      return elements.map(textOf).filter(Boolean).join(" ");
    case "image":
      return escape(block.alt_text ?? "");
    default:
      return [textOf(block), ...fields.map(({ text }) => text)].filter(Boolean).join("\n");
  }
}

/** One element within a line of rich text. */
function inline(element: Block): string {
  switch (element.type) {
    case "user":
      return `<@${element.user_id ?? ""}>`;
    case "channel":
      return `<#${element.channel_id ?? ""}>`;
    case "usergroup":
      return `<!subteam^${element.usergroup_id ?? ""}>`;
    case "broadcast":
      return `<!${element.range ?? "channel"}>`;
    case "emoji":
      return `:${element.name ?? ""}:`;
    case "date":
      return escape(element.fallback ?? "");
    case "link":
      return element.url === undefined ? "" : linkOf(element.url, textOf(element));
    default:
      return styled(escape(textOf(element)), element.style);
  }
}

function linkOf(url: string, label: string): string {
  return label === "" ? `<${url}>` : `<${url}|${escape(label)}>`;
}

const Style = z.object({ bold: z.boolean(), code: z.boolean(), strike: z.boolean() }).partial();

/** Marks around the words, not around the blanks beside them, where Slack would not take them for marks. */
function styled(text: string, style: unknown): string {
  const { bold, code, strike } = Style.safeParse(style).data ?? {};
  const mark = code === true ? "`" : bold === true ? "*" : strike === true ? "~" : "";
  return mark === "" || text.includes("\n")
    ? text
    : text.replace(/\S(?:.*\S)?/, `${mark}$&${mark}`);
}

function textOf({ text }: Block): string {
  return typeof text === "string" ? text : (text?.text ?? "");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
