/** Slack's message text (mrkdwn with <…> tokens and entities) to the Markdown that a model reads. */

export interface Names {
  /** The name that people see, or undefined where it is not known. */
  readonly user: (id: string) => string | undefined;
}

const TOKEN = /<(?<sigil>[@#!]?)(?<target>[^<>|]+)(?:\|(?<label>[^<>]*))?>/g;
const MENTION = /<@(?<id>[UW][A-Z0-9]+)(?:\|[^<>]*)?>/g;
/** Fences first, then spans: inside them there is no formatting, but tokens and entities all the same. */
const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]+`)/;

/** What somebody said to the bot: without the mention of it. */
export function toMarkdown(text: string, bot: string, names: Names): string {
  const own = `[ \\t]?<@${bot}(?:\\|[^<>]*)?>`;
  const said = text
    .replace(new RegExp(`^\\s*(?:${own}[\\s,:]*)+`), "")
    .replaceAll(new RegExp(own, "g"), "");
  return readText(said, names).trim();
}

export function readText(text: string, names: Names): string {
  return text
    .split(CODE)
    .map((piece, index) => (index % 2 === 1 ? inCode(piece, names) : inText(piece, names)))
    .join("");
}

/** The people whom a text names, in order, each once. */
export function mentionedIn(text: string): string[] {
  return [...new Set([...text.matchAll(MENTION)].map(({ groups }) => groups?.["id"] ?? ""))];
}

function inText(text: string, names: Names): string {
  const tokens: string[] = [];
  // Tokens are set aside under a character for private use, so that formatting marks in a URL are left alone.
  const marked = text.replaceAll(TOKEN, (whole: string, ...rest: unknown[]) => {
    tokens.push(tokenToMarkdown(groupsOf(rest), names) ?? whole);
    return `\uE000${tokens.length - 1}\uE000`;
  });
  const markdown = marked
    .replaceAll(/(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])/g, "**$1**")
    .replaceAll(/(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])/g, "~~$1~~");
  return decode(
    markdown.replaceAll(
      /\uE000(\d+)\uE000/g,
      (_whole, index: string) => tokens[Number(index)] ?? "",
    ),
  );
}

function inCode(code: string, names: Names): string {
  return decode(
    code.replaceAll(TOKEN, (whole: string, ...rest: unknown[]) => {
      const { sigil = "", target = "", label } = groupsOf(rest);
      if (sigil === "") return label ?? target;
      return (
        tokenToMarkdown({ sigil, target, ...(label !== undefined && { label }) }, names) ?? whole
      );
    }),
  );
}

interface Token {
  readonly sigil?: string;
  readonly target?: string;
  readonly label?: string;
}

function tokenToMarkdown(
  { sigil = "", target = "", label }: Token,
  names: Names,
): string | undefined {
  const named = label === undefined || label === "" ? undefined : label;
  switch (sigil) {
    case "@":
      return `@${names.user(target) ?? named ?? target}`;
    case "#":
      return `#${named ?? target}`;
    case "!":
      if (target.startsWith("date^")) return named ?? target;
      if (target.startsWith("subteam^")) return named ?? `@${target.slice("subteam^".length)}`;
      return `@${target}`;
    default:
      return linkToMarkdown(target, named);
  }
}

function linkToMarkdown(url: string, label: string | undefined): string {
  const bare = url.replace(/^(?:mailto|tel):/, "");
  return label === undefined || label === url || label === bare ? bare : `[${label}](${url})`;
}

function decode(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** The named groups that `replaceAll` hands over as its last argument. */
function groupsOf(rest: readonly unknown[]): Token {
  const groups = rest.at(-1);
  return typeof groups === "object" && groups !== null ? { ...groups } : {};
}
