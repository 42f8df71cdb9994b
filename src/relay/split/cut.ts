import { spanAround, spansIn, type Span } from "./inline.ts";
import type { Places } from "./outline.ts";

/** Where a part ends. Inside a line the next part goes on in that line; else it begins with a line of its own. */
export interface Cut {
  readonly at: number;
  readonly place: "line" | "code line" | "inside";
}

/** A part that is too long, up to the first character that did not fit, which is the last one before `end`. */
export interface Overflow {
  readonly text: string;
  /** The first and the last position that a cut may have lie between these two. */
  readonly start: number;
  readonly end: number;
  /** A place further back than this leaves too empty a part while a lesser one lies beyond it. */
  readonly half: number;
  readonly places: Readonly<Places>;
  /** The last line, when it belongs to a fenced code block. */
  readonly code: CodeLine | undefined;
}

export interface CodeLine {
  readonly at: number;
  /** Where the text begins that may be cut: behind the indentation, or behind the marker that opens the block. */
  readonly text: number;
  /** The last position at which a cut leaves room for the closing line. */
  readonly reach: number;
  /** It is, or may be read as, a closing line, and so is not cut when another place is left. */
  readonly whole: boolean;
}

const closed = /[.!?…][)\]"'”’»*_~`]*$/;
const blanksOrStops = /\s+|[。！？]+/g;
const ideograph = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;
/** What would turn into a heading, quote, list, table or fence at the start of a part; also while unfinished. */
const blockMark =
  /^(?:`{1,2}$|~{1,2}$|`{3}|~{3}|#{1,6}(?:\s|$)|[>|]|[-*+](?:\s|$)|\d{1,9}(?:[.)](?:\s|$)|[.)]?$))/;

/**
 * The best place for a cut: before a block, a list item, or the table that would be torn; then between lines, sentences
 * and words; then between characters. It follows from the text up to `end` alone, so it stays when the text grows.
 */
export function chooseCut(over: Overflow): Cut {
  const { places, half, start } = over;
  if (places.block >= half) return beforeLine(places.block);
  if (places.item >= half) return beforeLine(places.item);
  if (over.code !== undefined) return cutCode(over, over.code);
  if (places.unit > start) return beforeLine(places.unit);
  return cutParagraph(over);
}

function beforeLine(at: number): Cut {
  return { at, place: "line" };
}

function insideLine(at: number): Cut {
  return { at, place: "inside" };
}

function cutCode(over: Overflow, last: CodeLine): Cut {
  const { text, places, start, end, half } = over;
  if (places.code > start) return { at: places.code, place: "code line" };
  if (places.leaf > start) return beforeLine(places.leaf);
  const high = Math.min(end - 1, last.reach);
  const full = last.whole || high <= last.text;
  if (full && last.at > start) return { at: last.at, place: "code line" };
  let word = -1;
  for (const { index, 0: blanks } of text.slice(last.text, end).matchAll(/\s+/g)) {
    const from = last.text + index;
    const at = from + blanks.length;
    if (from <= high && at < end && !opensBlock(over, at)) word = at;
  }
  if (word >= half) return insideLine(word);
  return insideLine(characterBefore(over, last.text, high));
}

function cutParagraph(over: Overflow): Cut {
  const { places, start, end, half } = over;
  const from = places.leaf;
  const spans = spansIn(over.text.slice(from, end)).map((span) => ({
    from: from + span.from,
    to: from + span.to,
  }));
  const whole = breaksIn(over, spans);
  for (const at of [whole.line, whole.sentence, whole.word]) if (at >= half) return insideLine(at);
  if (from > start) return beforeLine(from);
  const last = Math.max(whole.line, whole.sentence, whole.word);
  if (last > start) return insideLine(last);
  const beforeSpan = spanAround(spans, end - 1)?.from ?? end - 1;
  if (beforeSpan > start) return insideLine(characterBefore(over, start, beforeSpan));
  const torn = breaksIn(over, []);
  for (const at of [torn.line, torn.sentence, torn.word]) if (at >= half) return insideLine(at);
  return insideLine(characterBefore(over, start, end - 1));
}

interface Breaks {
  line: number;
  sentence: number;
  word: number;
}

/** The last place of each kind in the paragraph, outside of `spans`; -1 where there is none. */
function breaksIn(over: Overflow, spans: readonly Span[]): Breaks {
  const { text, places, start, end } = over;
  const found: Breaks = { line: -1, sentence: -1, word: -1 };
  const allowed = (at: number, next: number): boolean =>
    at > start && next < end && spanAround(spans, at) === undefined && !opensBlock(over, next);
  for (const { index, 0: run } of text.slice(places.leaf, end).matchAll(blanksOrStops)) {
    const from = places.leaf + index;
    const to = from + run.length;
    if (/\S/.test(run)) {
      if (allowed(to, to)) found.sentence = to;
    } else if (allowed(from, to)) {
      if (run.includes("\n")) found.line = from;
      else if (closed.test(text.slice(Math.max(start, from - 6), from))) found.sentence = from;
      else found.word = from;
    }
  }
  for (let at = end - 1; at > Math.max(start, places.leaf, found.word, end - 200); at -= 1) {
    if (!ideograph.test(text.charAt(at)) || !ideograph.test(text.charAt(at - 1))) continue;
    if (allowed(at, at)) found.word = at;
  }
  return found;
}

function opensBlock({ text, end }: Overflow, at: number): boolean {
  return blockMark.test(text.slice(at, Math.min(end, at + 12)));
}

/**
 * The last place up to `high` between two characters as people see them, which neither parts a backslash from what it
 * escapes nor lets the next part begin with a marker; between two code points where `low` to `high` is one character.
 */
function characterBefore({ text, end }: Overflow, low: number, high: number): number {
  const segments = new Intl.Segmenter().segment(text.slice(low, end));
  /** The code point after the place decides, so a half of one is not enough. */
  const last = high === end - 1 && isHighSurrogate(text, high) ? high - 1 : high;
  let at = last;
  for (let tries = 0; tries < 20 && at > low; tries += 1) {
    at = low + (segments.containing(at - low)?.index ?? 0);
    if (at > low && text[at - 1] !== "\\" && !/[`~]/.test(text.charAt(at))) return at;
    at -= 1;
  }
  const plain = low + (segments.containing(last - low)?.index ?? 0);
  if (plain > low) return plain;
  return isHighSurrogate(text, last - 1) ? last - 1 : last;
}

function isHighSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}
