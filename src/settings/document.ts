import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";

import type { Place, Problem } from "./fault.ts";

export type Path = readonly PropertyKey[];

/** A YAML text as plain data, and the way back from a path in the data to a place in the text. */
export interface SettingsDocument {
  /** Undefined where the text is empty. A key without a value holds undefined. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** True where so much is wrong with the YAML itself that `value` means nothing. */
  readonly broken: boolean;
  /** Where the value at `path` stands, or the last key of `path`; where it is missing, what would hold it. */
  locate(path: Path, what: "key" | "value"): Place;
  /** What stands at `path`, for a sentence: the text as written, `a list`, `a mapping` or `empty`. */
  show(path: Path, what: "key" | "value"): string;
}

const WAYS_OUT: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: "check the indentation of this line and of the one before",
  BAD_SCALAR_START: "put the text into quotes",
  BLOCK_AS_IMPLICIT_KEY: "put text that holds a colon into quotes, or check the indentation",
  MISSING_CHAR: "write `key: value`, and close every quote and bracket",
  MULTILINE_IMPLICIT_KEY: "write `key: value`, with a colon and a space",
  MULTIPLE_DOCS: "keep one document and remove the line ---",
  TAB_AS_INDENT: "indent with spaces",
  TAG_RESOLVE_FAILED: "remove the tag that begins with !",
};

export function readDocument(text: string): SettingsDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems: Problem[] = [];
  const stumbled = new Set<number>();
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const place = placeOf(pos[0]);
    // One slip makes the parser stumble several times over the same line.
    if (stumbled.has(place.line)) continue;
    stumbled.add(place.line);
    const told =
      code === "DUPLICATE_KEY"
        ? `the key ${shorten(keyAt(text, pos[0]))} stands here a second time; keep one of the two.`
        : `the YAML cannot be read: ${message}; ${WAYS_OUT[code] ?? "correct this line"}.`;
    problems.push({ place, message: told });
  }
  const broken =
    document.warnings.length > 0 || document.errors.some(({ code }) => code !== "DUPLICATE_KEY");
  visit(document, {
    Alias: (_key, { source, range }) => {
      const message = `*${source} is an alias; they are not supported here, write out what it stands for.`;
      problems.push({ place: placeOf(range?.[0] ?? 0), message });
    },
  });
  return {
    value: toPlain(document.contents),
    problems,
    broken,
    locate: (path, what) => placeOf(find(document, path, what)?.range?.[0] ?? 0),
    show: (path, what) => describe(find(document, path, what), text),
  };
}

function keyAt(text: string, offset: number): string {
  return /^(?:"[^"]*"|'[^']*'|(?!:\s)[^\n])+/.exec(text.slice(offset))?.[0] ?? "";
}

function toPlain(node: unknown): unknown {
  if (isMap(node))
    return Object.fromEntries(node.items.map(({ key, value }) => [nameOf(key), toPlain(value)]));
  if (isSeq(node)) return node.items.map(toPlain);
  return isScalar(node) ? (node.value ?? undefined) : undefined;
}

/** Ids of Discord are larger than a number can hold exactly, so a key is what was written. */
function nameOf(key: unknown): string {
  if (!isScalar(key)) return "";
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

/** The node at `path`; where there is none, the nearest one above it. */
function find(document: Document, path: Path, what: "key" | "value"): Node | undefined {
  let node: unknown = document.contents;
  let pair: Pair | undefined;
  for (const step of path) {
    pair = undefined;
    let next: unknown;
    if (isMap(node)) {
      // As in the data, the last of two equal keys counts.
      pair = node.items.findLast(({ key }) => nameOf(key) === step);
      next = pair?.value;
    } else if (isSeq(node)) next = node.items[Number(step)];
    if (next === undefined && pair === undefined) break;
    node = next;
  }
  const found = what === "key" && pair !== undefined ? pair.key : node;
  return isMap(found) || isSeq(found) || isScalar(found) || isAlias(found) ? found : undefined;
}

function describe(node: Node | undefined, text: string): string {
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list";
  if (!isScalar(node) || node.value === null) return "empty";
  return shorten(text.slice(...(node.range ?? [0, 0])));
}

/** Faults reach the log: what looks like a secret is not repeated. */
function shorten(source: string): string {
  const line = source.trim().replaceAll(/\s+/g, " ");
  if (/^["']?(?:xox|xapp-|sk-|ghp_|github_pat_)/.test(line)) return "a secret";
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
