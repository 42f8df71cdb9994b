import { readFile } from "node:fs/promises";

import { z } from "zod";

import { nearest } from "./nearest.ts";
import { shorten } from "./shorten.ts";

/** Latest comments of a ticket that are told. */
export const COMMENTS = 3;
/** Characters. */
export const DESCRIPTION_LENGTH = 1_500;
export const COMMENT_LENGTH = 500;

/** What every tracker's tickets become. */
export interface Ticket {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly assignee: string | null;
  readonly priority: string | null;
  readonly updated: string | null;
  readonly url?: string;
  readonly description?: string;
  /** Oldest first. */
  readonly comments?: readonly {
    readonly by: string;
    readonly at: string;
    readonly text: string;
  }[];
}

/** Looks a ticket up in an export; a text with the nearest ids where there is no such ticket. */
export async function findInFile(
  id: string,
  file: string,
  signal: AbortSignal,
): Promise<Ticket | string> {
  const tickets = readTickets(file, await readFile(file, { encoding: "utf8", signal }));
  const wanted = id.toUpperCase();
  const found = tickets.find(
    (one) =>
      one.id.toUpperCase() === wanted || `#${one.id}` === wanted || (one.url ?? "") === id.trim(),
  );
  if (found !== undefined) return found;
  const near = nearest(
    id,
    tickets.map((one) => one.id),
  ).join(", ");
  return `There is no ticket ${id}.${near === "" ? " The export is empty." : ` The nearest ids are ${near}.`}`;
}

/** Names under which trackers export the same thing; a column's case does not matter. */
const COLUMNS = {
  id: ["id", "key", "issue key", "ticket", "number"],
  title: ["title", "summary", "subject", "name"],
  status: ["status", "state"],
  assignee: ["assignee", "assigned to", "owner"],
  priority: ["priority"],
  updated: ["updated", "updated at", "last updated"],
  url: ["url", "link"],
  description: ["description", "body"],
} as const;

const exported = z.union([
  z.array(z.record(z.string(), z.unknown())),
  z
    .object({ tickets: z.array(z.record(z.string(), z.unknown())) })
    .transform(({ tickets }) => tickets),
]);

/** Reads a tracker's export: CSV with a header line, or JSON as an array or `{ "tickets": […] }`. */
function readTickets(file: string, text: string): readonly Ticket[] {
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
    const description = cell("description");
    return {
      id,
      title: cell("title") ?? "",
      status: cell("status") ?? "unknown",
      assignee: cell("assignee"),
      priority: cell("priority"),
      updated: cell("updated"),
      ...(url !== null && { url }),
      ...(description !== null && { description: shorten(description, DESCRIPTION_LENGTH) }),
    };
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
