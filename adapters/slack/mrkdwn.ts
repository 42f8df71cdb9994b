import { fromMarkdown } from "mdast-util-from-markdown";

/** Markdown to mrkdwn, for the surfaces that take no markdown_text: a command's answer and the home tab. */

interface Node {
  readonly type: string;
  readonly children?: readonly Node[];
  readonly value?: string;
  readonly url?: string;
  readonly alt?: string | null | undefined;
  readonly ordered?: boolean | null | undefined;
  readonly start?: number | null | undefined;
}

/** HTML counts as text: mrkdwn has none, and its signs are escaped. */
const OPTIONS = { extensions: [{ disable: { null: ["htmlFlow", "htmlText"] } }] };

export function toMrkdwn(markdown: string): string {
  return paragraphsOf(markdown).join("\n\n");
}

/** Paragraphs, lists, code: each on its own. */
export function paragraphsOf(markdown: string): string[] {
  return blocks(fromMarkdown(markdown, OPTIONS));
}

function blocks({ children = [] }: Node): string[] {
  return children.map(block).filter(Boolean);
}

function block(node: Node): string {
  switch (node.type) {
    case "heading":
      // A bold heading cannot hold bold words: the marks would end it.
      return `*${words(node)}*`;
    case "list":
      return list(node);
    case "blockquote":
      return blocks(node).join("\n").replaceAll(/^/gm, "> ");
    case "code":
      return `\`\`\`\n${escape(node.value ?? "")}\n\`\`\``;
    case "thematicBreak":
    case "definition":
      return "";
    default:
      return inlines(node);
  }
}

function list({ children = [], ordered, start }: Node): string {
  const first = start ?? 1;
  return children
    .map((item, index) => {
      const mark = ordered === true ? `${first + index}.` : "•";
      return `${mark} ${blocks(item).join("\n").replaceAll("\n", "\n    ")}`;
    })
    .join("\n");
}

function inlines({ children = [] }: Node): string {
  return children.map(inline).join("");
}

function inline(node: Node): string {
  switch (node.type) {
    case "text":
      return escape(node.value ?? "");
    case "strong":
      return `*${inlines(node)}*`;
    case "emphasis":
      return `_${inlines(node)}_`;
    case "inlineCode":
      return `\`${escape(node.value ?? "")}\``;
    case "break":
      return "\n";
    case "link":
      return link(node.url ?? "", words(node));
    case "image":
      return link(node.url ?? "", escape(node.alt ?? ""));
    default:
      return inlines(node);
  }
}

/** Only addresses that a browser or mail program opens become links. */
function link(url: string, label: string): string {
  if (!/^(?:https?:\/\/|mailto:)[^\s<>|]+$/.test(url)) return label;
  const address = url.replaceAll("&", "&amp;");
  return label === "" || label === address ? `<${address}>` : `<${address}|${label}>`;
}

/** Without any marks. */
function words({ value, children = [] }: Node): string {
  return value === undefined ? children.map(words).join("") : escape(value);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
