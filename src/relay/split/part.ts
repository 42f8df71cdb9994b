import { chooseCut, type CodeLine, type Cut } from "./cut.ts";
import {
  closes,
  closingOf,
  fenceAfter,
  mayClose,
  openingOf,
  reopened,
  type Fence,
} from "./fence.ts";
import { createMargin, type Margin } from "./margin.ts";
import { createOutline, type Outline } from "./outline.ts";
import { overflowOf } from "./overflow.ts";
import { begin, blanksAt, type Source, type Start } from "./start.ts";

export interface Part {
  readonly text: string;
  /** Absent while the part may still grow. */
  readonly settled?: Settled;
}

interface Settled {
  readonly next: Start;
  /** How many characters of the text the cut was chosen from. */
  readonly seen: number;
}

/** A line of a part, as far as it fits or, where it does not, up to the first character that does not. */
interface Line {
  readonly at: number;
  /** Where its text begins once the margin is off. */
  readonly content: number;
  readonly shown: string;
  readonly before: Fence | undefined;
  readonly after: Fence | undefined;
  /** The position that the part's text may reach, closing line included. */
  readonly room: number;
  /** Its first piece is in the part before, so it can neither open nor close anything. */
  readonly torn: boolean;
}

interface Reading {
  readonly source: Source;
  readonly start: Start;
  readonly opening: string;
  readonly margin: Margin;
  readonly outline: Outline;
}

/**
 * The part after the cut `from`, or undefined when nothing is left to show.
 *
 * The part is read until the first character with which it would no longer fit, its closing line included; the cut
 * follows from the text up to there. So text that is added later moves no cut.
 */
export function takePart(source: Source, from: Start): Part | undefined {
  const start = begin(source, from);
  if (start === undefined) return undefined;
  const { text, limit } = source;
  const opening = start.fence === undefined ? "" : openingOf(start.fence);
  const margin = createMargin(text, start.at, start.indent);
  const outline = createOutline(start.at, start.midLine);
  const reading = { source, start, opening, margin, outline };
  let before = start.fence;
  for (let at = start.at; ;) {
    const end = source.lineEnd(at);
    const content = margin.take(at, before !== undefined);
    const torn = start.midLine && at === start.at;
    const room = start.at + margin.removed + limit - opening.length;
    const overflow = overflowOf(source, { content, end, before, torn, room });
    const shown = text.slice(content, Math.min(overflow ?? end, end));
    const after = torn ? before : fenceAfter(before, shown, limit);
    const line = { at, content, shown, before, after, room, torn };
    if (overflow === undefined && end === text.length) return lastPart(reading, line);
    if (!torn) outlineLine(outline, line);
    if (overflow !== undefined) return settledPart(reading, line, overflow);
    before = after;
    at = end + 1;
  }
}

function outlineLine(outline: Outline, { at, shown, before, after }: Line): void {
  if (before !== undefined) {
    if (after === before) return outline.codeLine(at);
    outline.closingLine();
    if (closes(before, shown)) return undefined;
  }
  if (shown.trim() === "") return outline.blankLine();
  if (after === undefined) return outline.textLine(at, shown);
  return outline.openingLine(at, shown);
}

/** The part that the text ends in. What may become the closing line of its code block is shown as that line. */
function lastPart({ opening, margin }: Reading, line: Line): Part | undefined {
  const { at, content, shown, before, after, torn } = line;
  const unfinished = before !== undefined && !torn && mayClose(before, shown);
  const body = margin.body(unfinished ? at : content + shown.length);
  if (body === "") return undefined;
  return { text: opening + body + closing(unfinished ? before : after) };
}

function settledPart(reading: Reading, line: Line, end: number): Part {
  const { source, start, opening, margin, outline } = reading;
  const { text, limit } = source;
  const half = start.at + Math.floor(limit / 2);
  const code = codeOf(line);
  const cut = chooseCut({ text, start: start.at, end, half, places: outline.places, code });
  const fence = cut.place === "line" ? undefined : code?.fence;
  const next = {
    at: cut.at,
    fence: fence && reopened(fence === line.before ? fence : { ...fence, info: "" }, limit),
    indent: fence === undefined ? indentAt(reading, cut) : margin.indent + marginOf(fence),
    midLine: cut.place === "inside",
  };
  return { text: opening + margin.body(cut.at) + closing(fence), settled: { next, seen: end } };
}

/** An opening line that is itself too long is cut like code, and the rest of its info string is shown as code. */
function codeOf(line: Line): (CodeLine & { readonly fence: Fence }) | undefined {
  const { at, content, shown, before, after, room } = line;
  const closed = before !== undefined && after !== before && closes(before, shown);
  const fence = closed ? before : after;
  if (fence === undefined) return undefined;
  const reach = room - closingOf(fence).length;
  if (fence !== before) {
    const text = content + fence.lead.length + fence.marker.length;
    return { at, text, reach, whole: false, fence };
  }
  return { at, text: content, reach, whole: closed || mayClose(fence, shown), fence };
}

function indentAt({ source, start, outline }: Reading, cut: Cut): number {
  if (cut.place !== "inside") return 0;
  const { leaf } = outline.places;
  return leaf === start.at ? start.indent : blanksAt(source.text, leaf);
}

function marginOf({ lead }: Fence): number {
  return lead.includes(">") ? 0 : lead.length;
}

function closing(fence: Fence | undefined): string {
  return fence === undefined ? "" : closingOf(fence);
}
