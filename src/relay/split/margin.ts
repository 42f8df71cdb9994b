import { blanksAt } from "./start.ts";

/** Moves a part that begins inside a list item to the left, so that it is not read as indented code. */
export interface Margin {
  /** How deep the lines stand that are moved now; 0 once a line has stood less deep. */
  readonly indent: number;
  /** Characters taken off so far. */
  readonly removed: number;
  /** Takes the margin off the line that begins at `at`, and tells where its text begins. */
  take(at: number, inCode: boolean): number;
  /** The part's text up to `end`, without white space at its end. */
  body(end: number): string;
}

export function createMargin(text: string, start: number, depth: number): Margin {
  const dropped: { at: number; length: number }[] = [];
  let indent = depth;
  let removed = 0;
  return {
    get indent() {
      return indent;
    },
    get removed() {
      return removed;
    },
    take(at, inCode) {
      if (at === start || indent === 0) return at;
      const blanks = blanksAt(text, at);
      const shallow = blanks < indent && /\S/.test(text.charAt(at + blanks));
      if (shallow && !inCode) indent = 0;
      const length = Math.min(blanks, indent);
      if (length > 0) dropped.push({ at, length });
      removed += length;
      return at + length;
    },
    body(end) {
      const kept: string[] = [];
      let from = start;
      for (const { at, length } of dropped) {
        if (at >= end) break;
        kept.push(text.slice(from, at));
        from = Math.min(end, at + length);
      }
      kept.push(text.slice(from, end));
      return kept.join("").trimEnd();
    },
  };
}
