/** A stretch of text that should stay in one piece: `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const tokens =
  /\\[^]?|`+|!?\[|\][([]?|<[@#!:a-z/][^\s<>]*(?:>|$)|<(?:https?:|mailto:|!)[^<>\n]*(?:>|$)|(?:https?:\/\/|www\.)(?:(?!~~)[^\s<>`[\]*|])*|\*\*|~~|\|\||__/gi;
const destination =
  /\s*(?:<[^<>\n]*(?:>|$)|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*(?:\)|$))*)(?:\s+(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|\([^()]*(?:\)|$)))?\s*/y;

/**
 * The inline pieces of a paragraph that a cut would break: code spans, links, autolinks, mentions, bare URLs, escapes,
 * strong, struck and hidden text. Positions count from the start of `paragraph`; spans are in order and apart.
 * What is still open where the paragraph ends reaches to its end, since its other half may lie beyond.
 * One pass, because a regular expression per construct takes quadratic time on rows of unclosed brackets.
 */
export function spansIn(paragraph: string): Span[] {
  const spans: Span[] = [];
  const brackets: number[] = [];
  const marks = new Map<string, number>();
  const scanner = new RegExp(tokens);
  for (let match = scanner.exec(paragraph); match !== null; match = scanner.exec(paragraph)) {
    const [token] = match;
    const from = match.index;
    const to = from + token.length;
    if (token.startsWith("`")) {
      scanner.lastIndex = codeEnd(paragraph, to, token.length);
      spans.push({ from, to: scanner.lastIndex });
    } else if (token.endsWith("[") && !token.startsWith("]")) {
      brackets.push(from);
    } else if (token.startsWith("]")) {
      const end = linkEnd(paragraph, token, to);
      const open = brackets.pop();
      if (open !== undefined && end !== undefined) {
        spans.push({ from: open, to: end });
        scanner.lastIndex = end;
      } else if (token === "][") brackets.push(to - 1);
    } else if (/^[*~|_]/.test(token)) {
      const open = marks.get(token);
      if (open !== undefined && /\S/.test(paragraph[from - 1] ?? "")) {
        spans.push({ from: open, to });
        marks.delete(token);
      } else if (/\S|^$/.test(paragraph[to] ?? "") && !/\w/.test(paragraph[from - 1] ?? "")) {
        marks.set(token, from);
      }
    } else spans.push({ from, to });
  }
  for (const from of [...brackets.slice(0, 1), ...marks.values()]) {
    spans.push({ from, to: paragraph.length });
  }
  return merged(spans);
}

/** The span that a cut at `at` would tear, or undefined; a binary search, for it is asked at every blank. */
export function spanAround(spans: readonly Span[], at: number): Span | undefined {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  const span = spans[low];
  return span !== undefined && span.from < at ? span : undefined;
}

function codeEnd(paragraph: string, from: number, length: number): number {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(paragraph); run !== null; run = runs.exec(paragraph)) {
    if (run[0].length === length) return runs.lastIndex;
  }
  return paragraph.length;
}

/** Where the link ends whose text is closed by `bracket`; undefined when it is no link. */
function linkEnd(paragraph: string, bracket: string, from: number): number | undefined {
  if (bracket === "]") return from === paragraph.length ? from : undefined;
  if (bracket === "][") {
    const end = paragraph.indexOf("]", from);
    return end < 0 ? paragraph.length : end + 1;
  }
  const target = new RegExp(destination);
  target.lastIndex = from;
  const end = from + (target.exec(paragraph)?.[0].length ?? 0);
  if (end === paragraph.length) return end;
  return paragraph[end] === ")" ? end + 1 : undefined;
}

function merged(spans: readonly Span[]): Span[] {
  const apart: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = apart.at(-1);
    if (last === undefined || span.from >= last.to) apart.push(span);
    else if (span.to > last.to) apart[apart.length - 1] = { from: last.from, to: span.to };
  }
  return apart;
}
