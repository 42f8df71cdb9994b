import { z } from "zod";

/**
 * A node of the Atlassian Document Format, in which Jira Cloud keeps what people write
 * (developer.atlassian.com/cloud/jira/platform/apis/document/structure).
 */
export const adf = z.object({
  type: z.string(),
  text: z.string().optional(),
  attrs: z.record(z.string(), z.unknown()).optional(),
  marks: z
    .array(
      z.object({ type: z.string(), attrs: z.record(z.string(), z.unknown()).nullish() }).loose(),
    )
    .optional(),
  get content() {
    return z.array(adf).optional();
  },
});
type Adf = z.output<typeof adf>;

/** The words of a document with its lines and lists; of a node that is not known, what is in it. */
export function readAdf(node: Adf): string {
  return write(node)
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

function write(node: Adf): string {
  switch (node.type) {
    case "text":
      return writeText(node);
    case "hardBreak":
      return "\n";
    case "mention":
    case "status":
      return attr(node, "text");
    case "emoji":
      return attr(node, "text") || attr(node, "shortName");
    case "date":
      return writeDate(Number(attr(node, "timestamp")));
    case "inlineCard":
    case "blockCard":
    case "embedCard":
      return attr(node, "url");
    case "media":
    case "mediaInline":
      return `[file${attr(node, "alt") === "" ? "" : `: ${attr(node, "alt")}`}]`;
    case "bulletList":
    case "decisionList":
      return writeList(node, () => "- ");
    case "orderedList": {
      const first = Number(attr(node, "order") || 1);
      return writeList(node, (index) => `${first + index}. `);
    }
    case "taskList":
      return writeList(node, (_, item) => (attr(item, "state") === "DONE" ? "[x] " : "[ ] "));
    case "tableRow":
      return `${children(node)
        .map((cell) => write(cell).trim().replaceAll("\n", " "))
        .join(" | ")}\n`;
    case "expand":
    case "nestedExpand":
      return `${attr(node, "title")}\n${inner(node)}`;
    case "rule":
      return "\n---\n";
    case "paragraph":
    case "heading":
    case "codeBlock":
    case "blockquote":
    case "panel":
      return `${inner(node)}\n\n`;
    default:
      return inner(node);
  }
}

function writeText({ text = "", marks = [] }: Adf): string {
  const href = marks.find(({ type }) => type === "link")?.attrs?.["href"];
  return typeof href === "string" && href !== text ? `${text} (${href})` : text;
}

/** Lines of an item stand under its first one. */
function writeList(list: Adf, mark: (index: number, item: Adf) => string): string {
  const lines = children(list).map(
    (item, index) => `${mark(index, item)}${write(item).trim().replaceAll(/\n+/g, "\n  ")}\n`,
  );
  return `${lines.join("")}\n`;
}

/** Milliseconds since 1970, at midnight UTC. */
function writeDate(time: number): string {
  return Number.isNaN(new Date(time).getTime()) ? "" : new Date(time).toISOString().slice(0, 10);
}

function attr(node: Adf, name: string): string {
  const value = node.attrs?.[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function children(node: Adf): readonly Adf[] {
  return node.content ?? [];
}

function inner(node: Adf): string {
  return children(node).map(write).join("");
}
