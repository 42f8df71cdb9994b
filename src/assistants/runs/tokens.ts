import type { ModelItem } from "../models/model.ts";

/** Counts the tokens of one text. */
export type TokenCounter = (text: string) => number;

/** What a message, call or output costs beside its text. */
const ITEM_OVERHEAD = 4;
const IMAGE = { low: 85, auto: 1_105, high: 1_105 };

/** No text has more tokens than bytes: the bound costs nothing, and most threads are far from any limit. */
export const upperBound: TokenCounter = (text) => Buffer.byteLength(text);

/** Characters up to which a text is counted exactly. */
const EXACT = 4_000;
/** Long texts are counted in slices: a tokenizer's time grows with the square of an unbroken word. */
const SLICE = 1_000;

/**
 * Counts as OpenAI's models since GPT-4o do; other models' tokens are of similar size. Texts above 4,000
 * characters come out at most 0.1 % too high. The tables take 40 MB and 0.1 s, so they are loaded at the first need.
 */
export async function loadCounter(): Promise<TokenCounter> {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  // What looks like a control token in somebody's text is text.
  const plain = { disallowedSpecial: new Set<string>() };
  return (text) => {
    if (text.length <= EXACT) return countTokens(text, plain);
    let total = 0;
    for (let start = 0; start < text.length; start += SLICE) {
      total += countTokens(text.slice(start, start + SLICE), plain);
    }
    return total;
  };
}

export function sizeOf(item: ModelItem, count: TokenCounter): number {
  switch (item.type) {
    case "message":
      return item.content.reduce(
        (size, part) => size + (part.type === "text" ? count(part.text) : IMAGE[part.detail]),
        ITEM_OVERHEAD,
      );
    case "tool_call":
      return ITEM_OVERHEAD + count(item.name) + count(item.arguments);
    case "tool_output":
      return ITEM_OVERHEAD + count(item.output);
    default:
      return item satisfies never;
  }
}
