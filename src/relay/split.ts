import { takePart } from "./split/part.ts";
import type { Source, Start } from "./split/start.ts";

/** Below this a reopened code block would leave too little room for its code. */
const smallestLimit = 40;

const beginning: Start = { at: 0, fence: undefined, indent: 0, midLine: false };

/** Splits a text that grows, without reading its settled parts again. */
export interface Splitter {
  /** The same as `splitMarkdown(text, limit)`, for any text; quick for one that the text before is a prefix of. */
  split(text: string): string[];
}

/**
 * Cuts Markdown into parts of at most `limit` UTF-16 units each (40 or more, else RangeError). Text that is empty or
 * all white space has no parts.
 *
 * Complete: the parts are stretches of the text, in order. Nothing but white space is left out: around a cut, and the
 * margin of a part that begins inside a list item, from those of its lines that stand as deep. Nothing but fence lines
 * is added: a code block that is cut, or that the text leaves open, is closed; one that is cut is reopened with its
 * marker and info string (its first word, or nothing, where it is longer than an eighth of the limit). A closing line
 * that follows directly on such a closing is that closing; so are the first characters of one, where the text ends.
 * A table that must be cut is not given its header again: what is added could not be told from what was written.
 *
 * Stable: when text is added, every part but the last stays as it was, without exception.
 *
 * Cuts lie between blocks or list items where that leaves the part at least half full; else before the list item or
 * table that would be torn, between lines of code, lines, sentences, words. Links, mentions, code spans, URLs, strong
 * text and graphemes are torn only when one is longer than a part. A marker line longer than a quarter of the limit
 * opens no code block.
 *
 * A scan line by line, not a Markdown parser: a parser reads the whole text again for each edit, and what it makes of
 * an unfinished text changes with what comes after.
 */
export function splitMarkdown(text: string, limit: number): string[] {
  return createSplitter(limit).split(text);
}

export function createSplitter(limit: number): Splitter {
  if (!(limit >= smallestLimit)) {
    throw new RangeError(
      `A part needs room for ${smallestLimit} characters or more, got ${limit}.`,
    );
  }
  let settled: string[] = [];
  let next = beginning;
  /** The text that settled the parts; as long as it begins the text, they hold. */
  let seen = "";

  return {
    split(text) {
      // Comparing slices is a memory comparison; startsWith goes character by character.
      if (text.slice(0, seen.length) !== seen) {
        settled = [];
        next = beginning;
        seen = "";
      }
      const source = { text, limit, lineEnd: createLineFinder(text) } satisfies Source;
      let reach = seen.length;
      let part = takePart(source, next);
      while (part?.settled !== undefined) {
        settled.push(part.text);
        next = part.settled.next;
        reach = Math.max(reach, part.settled.seen);
        part = takePart(source, next);
      }
      seen = text.slice(0, reach);
      return part === undefined ? [...settled] : [...settled, part.text];
    },
  };
}

/** Remembers the last line, because a long one is asked for by every part that it is cut into. */
function createLineFinder(text: string): (from: number) => number {
  let start = 0;
  let end = -1;
  return (from) => {
    if (from < start || from > end) {
      start = from;
      const found = text.indexOf("\n", from);
      end = found < 0 ? text.length : found;
    }
    return end;
  };
}
