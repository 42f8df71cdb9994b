import { z } from "zod";

const ticket = z.object({
  id: z.string().min(1),
  title: z.string(),
  status: z.string(),
  assignee: z.string().nullable(),
  priority: z.string().nullable(),
  updated: z.string().nullable(),
  url: z.string().optional(),
});
export type Ticket = z.output<typeof ticket>;

/** Names under which trackers export the same thing; a column's case does not matter. */
const COLUMNS = {
  id: ["id", "key", "issue key", "ticket", "number"],
  title: ["title", "summary", "subject", "name"],
  status: ["status", "state"],
  assignee: ["assignee", "assigned to", "owner"],
  priority: ["priority"],
  updated: ["updated", "updated at", "last updated"],
  url: ["url", "link"],
} as const;

const exported = z.union([
  z.array(z.record(z.string(), z.unknown())),
  z
    .object({ tickets: z.array(z.record(z.string(), z.unknown())) })
    .transform(({ tickets }) => tickets),
]);

/** Reads a tracker's export: CSV with a header line, or JSON as an array or `{ "tickets": […] }`. */
export function readTickets(file: string, text: string): readonly Ticket[] {
  const rows = file.toLowerCase().endsWith(".json")
    ? exported.parse(JSON.parse(text))
    : readCsv(text);
  return rows.map((row, index) => {
    const cells = new Map(
      Object.entries(row).map(([name, value]) => [name.trim().toLowerCase(), value]),
    );
    const cell = (column: keyof typeof COLUMNS): string | null => {
      const value = COLUMNS[column]
        .map((name) => cells.get(name))
        .find((one) => one !== undefined && one !== null);
      const told =
        typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
      return told === "" ? null : told;
    };
    const id = cell("id");
    if (id === null)
      throw new Error(
        `Entry ${index + 1} of the ticket export has no id (a column named id or key).`,
      );
    const url = cell("url");
    return ticket.parse({
      id,
      title: cell("title") ?? "",
      status: cell("status") ?? "unknown",
      assignee: cell("assignee"),
      priority: cell("priority"),
      updated: cell("updated"),
      ...(url !== null && { url }),
    });
  });
}

/** RFC 4180: cells in quotes may hold commas, line breaks and doubled quotes. */
function readCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  // A cell with what ends it: quoted or plain, then a comma, a line break or the end of the text.
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;
  const body = text.replace(/^\uFEFF/, "").trimEnd();
  while (cells.lastIndex < body.length) {
    const start = cells.lastIndex;
    const match = cells.exec(body);
    if (match === null) {
      const line = body.slice(0, start).split("\n").length;
      throw new Error(`Line ${line} of the CSV export has a quote in the wrong place.`);
    }
    const [, quoted, plain = "", end] = match;
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== "," && end !== "") rows.push([]);
    // A comma at the very end of the text is followed by one more, empty, cell.
    else if (end === "," && cells.lastIndex === body.length) rows.at(-1)?.push("");
  }
  const [header = [], ...lines] = rows.filter((row) => row.some((cell) => cell !== ""));
  return lines.map((line) =>
    Object.fromEntries(header.map((name, index) => [name, line[index] ?? ""])),
  );
}
