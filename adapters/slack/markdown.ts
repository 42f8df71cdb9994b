import { fromMarkdown } from "mdast-util-from-markdown";

/** Where code and links lie in a Markdown text, as offsets. */

export interface Region {
  readonly start: number;
  readonly end: number;
  /** True where every reader of Markdown must take this for code, however simple it is. */
  readonly certain: boolean;
}

export interface Link {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly url: string;
  /** `<url>`, `[label](<url>)`, or any other. */
  readonly form: "autolink" | "bracketed" | "plain";
}

interface Node {
  readonly type: string;
  readonly position?:
    | {
        readonly start: { readonly offset?: number | undefined };
        readonly end: { readonly offset?: number | undefined };
      }
    | undefined;
  readonly children?: readonly Node[];
  readonly value?: string;
  readonly url?: string;
  readonly alt?: string | null | undefined;
  readonly identifier?: string;
}

interface Reading {
  readonly code: Region[];
  readonly links: Link[];
}

/** HTML is off: its tags are escaped before Slack sees them, so they must not decide where code begins here. */
const OPTIONS = { extensions: [{ disable: { null: ["htmlFlow", "htmlText"] } }] };

export function read(markdown: string): Reading {
  const root: Node = fromMarkdown(markdown, OPTIONS);
  const definitions = new Map<string, string>();
  visit(root, (node) => {
    if (node.type === "definition" && !definitions.has(node.identifier ?? "")) {
      definitions.set(node.identifier ?? "", node.url ?? "");
    }
  });
  const reading: Reading = { code: [], links: [] };
  visit(root, (node, parents) => {
    const [start, end] = rangeOf(node);
    if (node.type === "code") {
      reading.code.push({
        start,
        end,
        certain: parents.length === 1 && isPlainFence(markdown, start, end),
      });
    } else if (node.type === "inlineCode") {
      const block = parents.findLast(({ type }) => BLOCKS.has(type));
      const blockStart = block === undefined ? 0 : rangeOf(block)[0];
      reading.code.push({ start, end, certain: isPlainSpan(markdown, blockStart, start, end) });
    } else if (LINKS.has(node.type)) {
      const url = node.url ?? definitions.get(node.identifier ?? "") ?? "";
      reading.links.push({
        start,
        end,
        label: textOf(node),
        url,
        form: formOf(markdown.slice(start, end)),
      });
    }
  });
  return reading;
}

const BLOCKS: ReadonlySet<string> = new Set(["paragraph", "heading"]);
const LINKS: ReadonlySet<string> = new Set(["link", "linkReference", "image", "imageReference"]);

/** Three backticks, none inside, and none left open before: pairing them up blindly finds the same block. */
function isPlainFence(markdown: string, start: number, end: number): boolean {
  const raw = markdown.slice(start, end);
  const inside = raw.slice(3).replace(/\n[ \t]*```[ \t]*$/, "");
  return (
    raw.startsWith("```") &&
    !inside.includes("```") &&
    count(markdown.slice(0, start), "```") % 2 === 0
  );
}

/** Single backticks on one line, and none left open before them in the same block; no table cell may end within. */
function isPlainSpan(markdown: string, blockStart: number, start: number, end: number): boolean {
  const inside = markdown.slice(start + 1, end - 1);
  return !/[`|\n]/.test(inside) && count(markdown.slice(blockStart, start), "`") % 2 === 0;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function formOf(raw: string): Link["form"] {
  if (raw.startsWith("<")) return "autolink";
  return /\]\([ \t\n]*</.test(raw) ? "bracketed" : "plain";
}

function textOf({ value, alt, children = [] }: Node): string {
  return value ?? alt ?? children.map(textOf).join("");
}

function rangeOf({ position }: Node): [number, number] {
  return [position?.start.offset ?? 0, position?.end.offset ?? 0];
}

function visit(
  node: Node,
  look: (node: Node, parents: readonly Node[]) => void,
  parents: readonly Node[] = [],
): void {
  look(node, parents);
  for (const child of node.children ?? []) visit(child, look, [...parents, node]);
}
