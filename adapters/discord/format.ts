import { showLink } from "./links.ts";
import { beginsTable, isRow, showTable } from "./tables.ts";

const FENCE = /^(?<indent>[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)(?<marks>`{3,}|~{3,})(?<info>[^`]*)$/;
const CODE_SPAN = /(`+)[\s\S]*?[^`]\1(?!`)/g;
const LINK =
  /!?\[((?:[^[\]\\]|\\.|\[[^[\]]*\])*)\]\(\s*(?:<([^<>\n]*)>|([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g;

/** Discord shows three levels of headings. */
const DEEP_HEADING = /^#{4,}[ \t]+(\S.*?)[ \t]*#*$/;

/** Stand for a code span while the text around it is rewritten; the model's own are dropped. */
const HELD = /\uE000(\d+)\uE001/g;
const HOLDERS = /[\uE000\uE001]/g;

/** Breaks what follows it without being seen. */
const BREAK = "\u200b";

/**
 * Model Markdown to Discord's. Tables become code blocks, deep headings bold, masked links honest; nothing pings,
 * also where allowed_mentions should ever be left out. Code stays as written. While a text grows, only its tail
 * changes: the table, the link or the code span that is being written.
 */
export function format(markdown: string): string {
  const shown: string[] = [];
  let prose: string[] = [];
  const flush = (): void => {
    if (prose.length > 0) shown.push(inline(prose.join("\n")));
    prose = [];
  };
  const lines = markdown.replaceAll(HOLDERS, "").split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const fence = FENCE.exec(line)?.groups;
    if (fence !== undefined) {
      flush();
      const end = endOf(lines, index, fence["marks"] ?? "");
      shown.push(...showFence(lines.slice(index, end + 1), fence));
      index = end;
    } else if (beginsTable(line, lines[index + 1])) {
      flush();
      const rows = [line];
      for (index += 1; isRow(lines[index + 1] ?? ""); index += 1) rows.push(lines[index + 1] ?? "");
      shown.push(showTable(rows, plain));
    } else {
      prose.push(
        line.replace(DEEP_HEADING, (_, text: string) => `**${text.replaceAll("**", "")}**`),
      );
    }
  }
  flush();
  return shown.join("\n");
}

/** The fence's last line: the one that closes it, or the text's last one while it is open. */
function endOf(lines: readonly string[], begin: number, marks: string): number {
  const closing = new RegExp(`^\\s*${marks[0]}{${marks.length},}\\s*$`);
  const end = lines.findIndex((line, index) => index > begin && closing.test(line));
  return end === -1 ? lines.length - 1 : end;
}

/** Discord knows fences of three backticks only, and ends them at the next three, wherever those stand. */
function showFence(
  lines: readonly string[],
  { indent = "", marks = "", info = "" }: Readonly<Record<string, string>>,
): string[] {
  const closed = lines.length > 1 && (lines.at(-1) ?? "").trim().startsWith(marks);
  const inside = lines.slice(1, closed ? -1 : undefined);
  return [
    `${indent}\`\`\`${info}`,
    ...inside.map((line) => line.replaceAll("```", `\`\`${BREAK}\``)),
    ...(closed ? [(lines.at(-1) ?? "").replace(marks, "```").trimEnd()] : []),
  ];
}

function inline(text: string): string {
  const spans: string[] = [];
  const held = text.replaceAll(CODE_SPAN, (span) => `\uE000${spans.push(span) - 1}\uE001`);
  const release = (part: string): string =>
    part.replaceAll(HELD, (_, index: string) => spans[Number(index)] ?? "");
  const safe = held
    .replaceAll(LINK, (_, label: string, bracketed?: string, bare?: string) =>
      showLink(release(label), bracketed ?? bare ?? ""),
    )
    .replaceAll("<@", `<@${BREAK}`)
    .replaceAll(/@(?=everyone|here)/gi, `@${BREAK}`)
    .replaceAll("||", String.raw`\|\|`);
  return release(safe);
}

/** A table's cell without its marks: in a code block they would show. */
function plain(cell: string): string {
  return cell
    .replaceAll(LINK, (_, label: string, bracketed?: string, bare?: string) => {
      const url = bracketed ?? bare ?? "";
      return label === url ? url : `${label} (${url})`;
    })
    .replaceAll(/\*\*|~~|`|<br\s*\/?>/g, (mark) => (mark.startsWith("<") ? " " : ""));
}
