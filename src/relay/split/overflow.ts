import { closingOf, fenceAfter, longestMarker, mayClose, type Fence } from "./fence.ts";
import type { Source } from "./start.ts";

/** A line whose characters need no room as long as it is unfinished. */
const bare = /^[ \t>]*(?:`*|~*)\s*$/;

interface OpenLine {
  readonly content: number;
  readonly end: number;
  readonly before: Fence | undefined;
  /** It goes on from the part before. */
  readonly torn: boolean;
  /** The position that the part's text may reach, closing line included. */
  readonly room: number;
}

/**
 * The end of the shortest beginning of this line with which the part does not fit; undefined when all of it fits.
 * White space at the end of a part is not shown and needs no room, and neither does a line that may become the closing
 * line, which has its room reserved; once it is whole and closes nothing, it is code like any other.
 */
export function overflowOf(source: Source, line: OpenLine): number | undefined {
  const { text, limit } = source;
  const { content, end, before, torn, room } = line;
  const fenceAt = (to: number): Fence | undefined =>
    torn ? before : fenceAfter(before, text.slice(content, to), limit);
  const fits = (to: number): boolean => to + closingLength(fenceAt(to)) <= room;
  for (let to = Math.max(content + 1, room - slack(source, line) + 1); to <= end; to += 1) {
    if (/\s/.test(text.charAt(to - 1))) continue;
    if (before !== undefined && !torn && mayClose(before, text.slice(content, to))) continue;
    if (!fits(to)) return to;
  }
  const isWhole = before !== undefined && end < text.length;
  const isBare = isWhole && bare.test(text.slice(content, end)) && fenceAt(end) === before;
  return isBare && !fits(end) ? end + 1 : undefined;
}

/** How much room a closing line may take that belongs to this line or to the fence around it. */
function slack({ text, limit }: Source, { content, end, before }: OpenLine): number {
  const longest = longestMarker(limit);
  const opens = /`{3}|~{3}/.test(text.slice(content, Math.min(end, content + longest)));
  return Math.max(closingLength(before), opens ? longest + 1 : 0);
}

function closingLength(fence: Fence | undefined): number {
  return fence === undefined ? 0 : closingOf(fence).length;
}
