/** Discord renders no tables: they become aligned text in a code block. */

const DELIMITER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/** True where these two lines begin a table: a row, and the line of dashes for as many cells. */
export function beginsTable(line: string, next: string | undefined): boolean {
  return (
    next !== undefined &&
    line.includes("|") &&
    next.includes("|") &&
    DELIMITER.test(next) &&
    cellsOf(line).length === cellsOf(next).length
  );
}

export function isRow(line: string): boolean {
  return line.includes("|");
}

/** The rows, without the line of dashes; each cell is shown as plain text. */
export function showTable(rows: readonly string[], plain: (cell: string) => string): string {
  const cells = rows.map((row) => cellsOf(row).map((cell) => plain(cell.trim())));
  const columns = cells[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...cells.map((row) => widthOf(row[column] ?? ""))),
  );
  const lines = cells.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? "", width))
      .join(" | ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "-".repeat(width)).join("-|-");
  return ["```", ...lines.slice(0, 1), rule, ...lines.slice(1), "```"].join("\n");
}

function cellsOf(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replaceAll(String.raw`\|`, "|"));
}

function pad(text: string, width: number): string {
  return text + " ".repeat(width - widthOf(text));
}

/** Characters as people see them; wide ones count as one, which only shifts what stands behind them. */
function widthOf(text: string): number {
  return [...new Intl.Segmenter().segment(text)].length;
}
