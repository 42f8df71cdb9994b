import { closes, type Fence } from "./fence.ts";

export interface Source {
  readonly text: string;
  /** Characters that a part may hold. */
  readonly limit: number;
  /** The end of the line that `from` is in, without its line break. */
  lineEnd(from: number): number;
}

/** Where a part begins, and what the text before it left open. */
export interface Start {
  readonly at: number;
  /** The fenced code block that goes on, as this part reopens it. */
  readonly fence: Fence | undefined;
  /** Blanks that the part's first line stood behind: they are taken off the lines that stand at least as deep. */
  readonly indent: number;
  /** The cut went through a line. */
  readonly midLine: boolean;
}

/** White space that a cut swallows; a space that carries a combining mark is a character and stays. */
const swallowed =
  /(?:(?!\p{Zs})\s|\p{Zs}(?![\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\u200d]))*/uy;

/**
 * The first character of the part whose text comes after the cut `from`. Undefined when only white space follows, or
 * the closing line of a fence that the part before has closed already.
 */
export function begin(source: Source, from: Start): Start | undefined {
  const { text } = source;
  const at = swallow(text, from.at);
  if (at === text.length) return undefined;
  if (from.fence !== undefined) return beginInCode(source, from, from.fence);
  const lineBreak = text.slice(from.at, at).lastIndexOf("\n");
  if (from.midLine && lineBreak < 0) return { ...from, at };
  const lineStart = from.at + lineBreak + 1;
  return { at, fence: undefined, indent: at - lineStart, midLine: false };
}

function beginInCode(source: Source, from: Start, fence: Fence): Start | undefined {
  const { text } = source;
  if (from.midLine && text[from.at] !== "\n") return from;
  let lineStart = from.midLine ? from.at + 1 : from.at;
  let end = source.lineEnd(lineStart);
  while (end < text.length && text.slice(lineStart, end).trim() === "") {
    lineStart = end + 1;
    end = source.lineEnd(lineStart);
  }
  const at = lineStart + Math.min(blanksAt(text, lineStart), from.indent);
  if (!closes(fence, text.slice(at, end))) return { ...from, at, midLine: false };
  return begin(source, { at: end, fence: undefined, indent: 0, midLine: true });
}

export function blanksAt(text: string, at: number): number {
  let end = at;
  while (text[end] === " " || text[end] === "\t") end += 1;
  return end - at;
}

function swallow(text: string, from: number): number {
  const pattern = new RegExp(swallowed);
  pattern.lastIndex = from;
  pattern.exec(text);
  return pattern.lastIndex;
}
