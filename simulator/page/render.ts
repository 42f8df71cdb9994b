import { type CompileContext, fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

import { escapeHtml } from "./escape.ts";

/** How a platform's message text differs from Markdown. */
export interface Dialect {
  /** The platform's own tokens, such as mentions. */
  readonly token: RegExp;
  /** What people see in a token's place; undefined leaves it as it is. */
  readonly read: (token: string) => Token | undefined;
  /** True where `&lt;` stands for `<`, also within code. */
  readonly entities: boolean;
}

export interface Token {
  readonly text: string;
  /** A link where there is one, else a mention. */
  readonly href?: string;
}

export type Renderer = (id: string, source: string, dialect: Dialect) => string;

/** Renders a message again only when its text has changed; whoever opens the page would wait for it otherwise. */
export function createRenderer(): Renderer {
  const known = new Map<string, { readonly source: string; readonly html: string }>();
  return (id, source, dialect) => {
    const before = known.get(id);
    if (before?.source === source) return before.html;
    const html = render(source, dialect);
    known.set(id, { source, html });
    return html;
  };
}

type Nodes = Parameters<CompileContext["enter"]>[0];
type Parents = Extract<Nodes, { readonly children: unknown }>;
type Table = Extract<Nodes, { readonly type: "table" }>;

interface Rendering {
  readonly tokens: readonly Token[];
  readonly definitions: ReadonlyMap<string, string>;
  readonly entities: boolean;
  /** True within a link, where no other link may begin. */
  readonly linked?: true;
}

/** Stand for a token while Markdown is read; characters for private use, and the text's own ones are dropped. */
const HELD = /\uE000(\d+)\uE001/g;
const HOLDERS = /[\uE000\uE001]/g;
/** Deeper nesting than anybody writes is shown as plain text, since it would exhaust the stack. */
const DEEPEST = 40;

/**
 * A message's text as HTML that is safe to show: all text is escaped, HTML in it is text, links go to http, https
 * and mailto only, pictures become links. What cannot be read as Markdown is shown as it was written.
 */
export function render(source: string, dialect: Dialect): string {
  const tokens: Token[] = [];
  const held = source.replaceAll(HOLDERS, "").replaceAll(dialect.token, (token) => {
    const read = dialect.read(token);
    return read === undefined ? token : `\uE000${tokens.push(read) - 1}\uE001`;
  });
  const { entities } = dialect;
  try {
    const tree = fromMarkdown(held, {
      extensions: [gfm({ singleTilde: entities }), { disable: { null: disabled(entities) } }],
      mdastExtensions: [gfmFromMarkdown()],
    });
    const definitions = new Map<string, string>();
    collect(tree, definitions);
    return htmlOf(tree, { tokens, definitions, entities }, 0);
  } catch {
    return `<p>${inline(held, { tokens, definitions: new Map(), entities })}</p>`;
  }
}

function disabled(entities: boolean): string[] {
  // An indented line is no code in a chat.
  return ["htmlFlow", "htmlText", "codeIndented", ...(entities ? [] : ["characterReference"])];
}

function collect(node: Nodes, definitions: Map<string, string>): void {
  if (node.type === "definition" && !definitions.has(node.identifier))
    definitions.set(node.identifier, node.url);
  if ("children" in node) for (const child of node.children) collect(child, definitions);
}

function htmlOf(node: Nodes, rendering: Rendering, depth: number): string {
  if (depth > DEEPEST) return inline(textOf(node), rendering);
  const inside = (parent: Parents): string =>
    parent.children.map((child) => htmlOf(child, rendering, depth + 1)).join("");
  const label = (parent: Parents): string =>
    parent.children
      .map((child) => htmlOf(child, { ...rendering, linked: true }, depth + 1))
      .join("");
  const targetOf = (identifier: string): string => rendering.definitions.get(identifier) ?? "";
  switch (node.type) {
    case "root":
      return inside(node);
    case "paragraph":
      return `<p>${inside(node)}</p>`;
    case "heading": {
      // The page's own headings come first.
      const level = Math.min(node.depth + 2, 6);
      return `<h${level}>${inside(node)}</h${level}>`;
    }
    case "blockquote":
      return `<blockquote>${inside(node)}</blockquote>`;
    case "list":
      return node.ordered === true
        ? `<ol start="${node.start ?? 1}">${inside(node)}</ol>`
        : `<ul>${inside(node)}</ul>`;
    case "listItem":
      return typeof node.checked === "boolean"
        ? `<li class="task"><span role="img" aria-label="${node.checked ? "done" : "not done"}">${node.checked ? "☑" : "☐"}</span>${inside(node)}</li>`
        : `<li>${inside(node)}</li>`;
    case "code":
      return `<pre tabindex="0"><code>${plain(node.value, rendering)}</code></pre>`;
    case "table":
      return table(node, inside);
    case "thematicBreak":
      return "<hr>";
    case "text":
      return inline(node.value, rendering);
    case "inlineCode":
      return `<code>${plain(node.value, rendering)}</code>`;
    case "strong":
      return `<strong>${inside(node)}</strong>`;
    case "emphasis":
      return `<em>${inside(node)}</em>`;
    case "delete":
      return `<del>${inside(node)}</del>`;
    case "break":
      return "<br>";
    case "link":
      return link(node.url, label(node), rendering);
    case "linkReference":
      return link(targetOf(node.identifier), label(node), rendering);
    case "image":
      return link(node.url, plain(node.alt || "picture", rendering), rendering);
    case "imageReference":
      return link(targetOf(node.identifier), plain(node.alt || "picture", rendering), rendering);
    case "footnoteReference":
      return escapeHtml(`[^${node.label ?? node.identifier}]`);
    case "footnoteDefinition":
      return `<div class="footnote">${escapeHtml(`[${node.label ?? node.identifier}] `)}${inside(node)}</div>`;
    case "tableRow":
    case "tableCell":
      return inside(node);
    case "html":
      return inline(node.value, rendering);
    case "definition":
    case "yaml":
      return "";
  }
}

function table(
  { children: [head, ...rows], align }: Table,
  inside: (parent: Parents) => string,
): string {
  const row = (cells: Table["children"][number] | undefined, tag: "th" | "td"): string =>
    `<tr>${(cells?.children ?? [])
      .map((cell, column) => `<${tag}${alignment(align?.[column])}>${inside(cell)}</${tag}>`)
      .join("")}</tr>`;
  return `<div class="table" tabindex="0"><table><thead>${row(head, "th")}</thead><tbody>${rows
    .map((cells) => row(cells, "td"))
    .join("")}</tbody></table></div>`;
}

function alignment(align: "left" | "right" | "center" | null | undefined): string {
  return align === "right" || align === "center" ? ` class="${align}"` : "";
}

/** A label that goes nowhere safe is shown without the link. */
function link(target: string, label: string, rendering: Rendering): string {
  const href = safeHref(plainText(target, rendering));
  return href === undefined || rendering.linked === true
    ? label
    : `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer nofollow">${label}</a>`;
}

function safeHref(target: string): string | undefined {
  const url = URL.parse(target);
  return url !== null && /^(?:https?|mailto):$/.test(url.protocol) ? url.href : undefined;
}

/** Text with its tokens and line breaks. */
function inline(text: string, rendering: Rendering): string {
  let html = "";
  let position = 0;
  for (const { 0: whole, 1: number, index } of text.matchAll(HELD)) {
    html += lines(text.slice(position, index)) + shown(rendering.tokens[Number(number)], rendering);
    position = index + whole.length;
  }
  return html + lines(text.slice(position));
}

function shown(token: Token | undefined, rendering: Rendering): string {
  if (token === undefined) return "";
  const text = escapeHtml(token.text);
  return token.href === undefined
    ? `<span class="mention">${text}</span>`
    : link(token.href, text, rendering);
}

function lines(text: string): string {
  return escapeHtml(text).replaceAll(/\r\n|[\r\n]/g, "<br>");
}

/** Code, and what stands where no token can be marked. */
function plain(text: string, rendering: Rendering): string {
  return escapeHtml(
    rendering.entities ? decodeEntities(plainText(text, rendering)) : plainText(text, rendering),
  );
}

function plainText(text: string, { tokens }: Rendering): string {
  return text.replaceAll(HELD, (_, number: string) => tokens[Number(number)]?.text ?? "");
}

/** The three that Slack knows. */
export function decodeEntities(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function textOf(node: Nodes): string {
  if ("value" in node) return node.value;
  return "children" in node ? node.children.map(textOf).join(" ") : "";
}
