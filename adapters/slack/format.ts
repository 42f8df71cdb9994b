import { misleads } from "./links.ts";
import { type Link, read, type Region } from "./markdown.ts";

/**
 * Model Markdown to what is sent as markdown_text. Slack reads its own tokens (`<!channel>`, `<@U…>`, `<url|label>`)
 * inside Markdown too, so no `<` of the model's may reach it outside code: each becomes `&lt;`, whatever follows.
 * That also keeps a growing text stable: no half of a token is ever waiting for its other half. `&` stays as it is.
 */
export function format(markdown: string): string {
  if (!/[<>\]]/.test(markdown)) return markdown;
  const { code, links } = read(markdown);
  const quotes = quoteMarks(markdown);
  let safe = replace(
    markdown,
    [...links.flatMap(shown), ...code.map((region) => kept(markdown, region))],
    (text, offset) =>
      text.replaceAll(/[<>]/g, (mark, index: number) =>
        mark === "<" ? "&lt;" : quotes.has(offset + index) ? ">" : "&gt;",
      ),
  );
  // What was rewritten may have changed where code begins: what will be sent is read again, until nothing is left.
  for (let before = ""; before !== safe && safe.includes("<");) {
    before = safe;
    const regions = read(before).code.map((region) => kept(before, region));
    safe = replace(before, regions, (text) => text.replaceAll("<", "&lt;"));
  }
  return safe;
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Replaces some stretches of the source and hands the rest to `escape`; the first of two that overlap wins. */
function replace(
  source: string,
  replacements: readonly Replacement[],
  escape: (text: string, offset: number) => string,
): string {
  let result = "";
  let position = 0;
  for (const { start, end, text } of replacements.toSorted(
    (left, right) => left.start - right.start,
  )) {
    if (start < position) continue;
    result += escape(source.slice(position, start), position) + text;
    position = end;
  }
  return result + escape(source.slice(position), position);
}

/** How a link is written where it cannot stay as the model wrote it. */
function shown({ start, end, label, url, form }: Link): Replacement[] {
  if (form === "autolink") return [{ start, end, text: escapeAll(label) }];
  if (misleads(label, url))
    return [{ start, end, text: `${escapeAll(label)} (${escapeAll(url)})` }];
  if (form === "plain") return [];
  const target = url.replaceAll(/[<>()\s|\\]/g, encodeURIComponent);
  return [{ start, end, text: `[${escapeAll(label)}](${target})` }];
}

/** In what Slack may or may not take for code, its own tokens are broken and the rest stays readable: `List<String>`. */
function kept(source: string, { start, end, certain }: Region): Replacement {
  const code = source.slice(start, end);
  const text = certain
    ? code
    : code.replaceAll(/<(?=[@#!]|[a-z][a-z0-9+.-]*:|[^<>\n]*\|)/gi, "&lt;");
  return { start, end, text };
}

function escapeAll(text: string): string {
  return text.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Where `>` begins a quotation. It stays: without a `<` before it, it ends no token. */
function quoteMarks(markdown: string): ReadonlySet<number> {
  const marks = new Set<number>();
  const prefixes = markdown.matchAll(/^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])[ \t]))+/gm);
  for (const { 0: prefix, index } of prefixes) {
    for (const mark of prefix.matchAll(/>/g)) marks.add(index + mark.index);
  }
  return marks;
}
