/** A fenced code block that is open at some point of a text. */
export interface Fence {
  /** Quote signs and blanks before the marker; a list marker in front of it counts as blanks. */
  readonly lead: string;
  /** Three or more backticks or tildes. */
  readonly marker: string;
  readonly info: string;
}

const opener =
  /^((?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t])))*[ \t]*)(`{3,}(?=[^`]*$)|~{3,})([^\n]*)$/;
const closer = /^([ \t>]*)(`+|~+)[ \t\r]*$/;
const unfinished = /^([ \t>]*)(`*|~*)$/;

/** A marker line longer than this share of a part could not be repeated in every part: it counts as text. */
export function longestMarker(limit: number): number {
  return Math.floor(limit / 4);
}

/**
 * The fence that is open after `line`, whole or as far as it has arrived.
 * Deeper indentation than CommonMark allows is accepted, since a line is read without the lists around it.
 */
export function fenceAfter(
  open: Fence | undefined,
  line: string,
  limit: number,
): Fence | undefined {
  if (open === undefined || leavesQuote(open, line)) return openedBy(line, limit);
  return closes(open, line) ? undefined : open;
}

export function closes(open: Fence, line: string): boolean {
  const [, lead = "", marker = ""] = closer.exec(line) ?? [];
  return marker.length >= open.marker.length && belongs(open, lead, marker);
}

/** True while an unfinished line may still become the fence's closing line. */
export function mayClose(open: Fence, line: string): boolean {
  const [whole, lead = "", marker = ""] = unfinished.exec(line) ?? [];
  return (
    whole !== undefined &&
    marker.length < open.marker.length &&
    lead.length <= open.lead.length + 3 &&
    (marker === "" || belongs(open, lead, marker))
  );
}

export function closingOf({ lead, marker }: Fence): string {
  return `\n${lead}${marker}`;
}

export function openingOf({ lead, marker, info }: Fence): string {
  return `${lead}${marker}${info}\n`;
}

/**
 * The same fence as a part can begin with it: at the left margin unless it is quoted, and with as much of its info
 * string as leaves most of the part to the code: all, the first word, or nothing.
 */
export function reopened({ lead, marker, info }: Fence, limit: number): Fence {
  const [language = ""] = info.split(/\s/, 1);
  const kept = [info, language].find((text) => text.length <= limit / 8) ?? "";
  return { lead: quoted(lead) ? lead : "", marker, info: kept };
}

function openedBy(line: string, limit: number): Fence | undefined {
  const [, lead, marker, info] = opener.exec(line) ?? [];
  if (lead === undefined || marker === undefined || info === undefined) return undefined;
  if (lead.length + marker.length > longestMarker(limit)) return undefined;
  return { lead: lead.replace(/[^>\s]/g, " "), marker, info: info.trim() };
}

function belongs(open: Fence, lead: string, marker: string): boolean {
  return (
    marker[0] === open.marker[0] &&
    lead.length <= open.lead.length + 3 &&
    quoted(lead) === quoted(open.lead)
  );
}

function leavesQuote(open: Fence, line: string): boolean {
  return quoted(open.lead) && !/^[ \t]*>/.test(line);
}

function quoted(lead: string): boolean {
  return lead.includes(">");
}
