const fenceLine = /^[ \t>]*(?:`{3,}|~{3,})[^\n]*$/;

/** Finds the parts in the text again, one after the other, trying every reading of which fence lines were added. */
export function rebuilds(text: string, parts: readonly string[]): boolean {
  let reached = new Set([0]);
  for (const part of parts) {
    const found = new Set<number>();
    for (const from of reached) {
      for (const start of startsAfter(text, from)) {
        for (const body of bodiesOf(part)) {
          const end = match(text, start, body);
          if (end !== undefined) found.add(end);
        }
      }
    }
    reached = found;
  }
  return [...reached].some((end) => /^\s*(?:[ \t>]*[`~]*)\s*$/.test(text.slice(end)));
}

/** A cut swallows white space, and a closing line that it had added itself before. */
function startsAfter(text: string, from: number): Set<number> {
  const starts = new Set<number>();
  const closing = /^\s*\n[ \t>]*(?:`{3,}|~{3,})[ \t\r]*(?=\n|$)/.exec(text.slice(from))?.[0].length;
  for (const begin of closing === undefined ? [from] : [from, from + closing]) {
    let at = begin;
    for (starts.add(at); /\s/.test(text.charAt(at)); starts.add(at)) at += 1;
  }
  return starts;
}

function bodiesOf(part: string): Set<string> {
  const lines = part.split("\n");
  const bodies = new Set([part]);
  const opened = fenceLine.test(lines[0] ?? "");
  const closed = fenceLine.test(lines.at(-1) ?? "");
  if (opened) bodies.add(lines.slice(1).join("\n"));
  if (closed) bodies.add(lines.slice(0, -1).join("\n"));
  if (opened && closed) bodies.add(lines.slice(1, -1).join("\n"));
  return bodies;
}

/** The end of `body` in the text, whose lines may stand deeper than the body's. */
function match(text: string, start: number, body: string): number | undefined {
  let at = start;
  for (const [index, line] of body.split("\n").entries()) {
    if (index > 0) {
      if (text[at] !== "\n") return undefined;
      at += 1;
      const stands = /^[ \t]*/.exec(text.slice(at))?.[0].length ?? 0;
      at += Math.max(0, stands - (/^[ \t]*/.exec(line)?.[0].length ?? 0));
    }
    if (!text.startsWith(line, at)) return undefined;
    at += line.length;
  }
  return at;
}
