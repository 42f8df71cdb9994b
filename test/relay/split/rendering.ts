import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

interface Node {
  readonly type: string;
  readonly lang?: string | null | undefined;
  readonly value?: string | undefined;
  readonly children?: readonly Node[] | undefined;
  readonly position?: { readonly start: Point; readonly end: Point } | undefined;
}

interface Point {
  readonly offset?: number | undefined;
}

function* nodesOf(text: string): Generator<Node> {
  const waiting: Node[] = [
    fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }),
  ];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    waiting.push(...(node.children ?? []).toReversed());
  }
}

/** What people see, letters only, as runs of text and of code in one language. */
export function seen(texts: readonly string[]): string[] {
  const runs: { kind: string; text: string }[] = [];
  for (const node of texts.flatMap((text) => [...nodesOf(text)])) {
    const kind = node.type === "code" ? `code ${node.lang ?? ""}` : "text";
    const text = (node.value ?? "").replace(/[^\p{L}]/gu, "");
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text !== "") runs.push({ kind, text });
  }
  return runs.map(({ kind, text }) => `${kind}: ${text}`);
}

/** The code blocks of a text, fences included. */
export function codeIn(text: string): string[] {
  return [...nodesOf(text)]
    .filter(({ type }) => type === "code")
    .map(({ position }) => text.slice(position?.start.offset, position?.end.offset));
}
