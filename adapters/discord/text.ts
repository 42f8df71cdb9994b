/** Discord's message text (Markdown with `<…>` tokens) to the Markdown that a model reads. */

export interface Names {
  /** The names that people see, or undefined where they are not known. */
  readonly user: (id: string) => string | undefined;
  readonly role: (id: string) => string | undefined;
  readonly channel: (id: string) => string | undefined;
}

/** Where Discord itself sees no tokens. */
const CODE = /(```[\s\S]*?```|``[\s\S]*?``|`[^`\n]*`)/;

const TOKEN =
  /<(?:@!?(?<user>\d+)|@&(?<role>\d+)|#(?<channel>\d+)|a?:(?<emoji>\w+):\d+|t:(?<time>-?\d+)(?::\w)?|\/(?<command>[^:<>]+):\d+)>/g;

/** Without the mentions of `own` (user and role ids), and with names in place of the other tokens. */
export function toMarkdown(text: string, own: readonly string[], names: Names): string {
  const mention = `<@[!&]?(?:${own.join("|")})>`;
  return text
    .split(CODE)
    .map((piece, index) => {
      if (index % 2 === 1) return piece;
      return piece
        .replaceAll(new RegExp(`[ \\t]?${mention}`, "g"), "")
        .replaceAll(TOKEN, (whole: string, ...rest: unknown[]) =>
          nameOf(whole, rest.at(-1), names),
        );
    })
    .join("")
    .replace(/^[\s,:]+/, "")
    .trimEnd();
}

function nameOf(whole: string, groups: unknown, names: Names): string {
  const { user, role, channel, emoji, time, command } = tokenOf(groups);
  if (user !== undefined) return `@${names.user(user) ?? user}`;
  if (role !== undefined) return `@${names.role(role) ?? role}`;
  if (channel !== undefined) return `#${names.channel(channel) ?? channel}`;
  if (emoji !== undefined) return `:${emoji}:`;
  if (command !== undefined) return `/${command}`;
  const at = new Date(Number(time) * 1000);
  return Number.isNaN(at.getTime()) ? whole : at.toISOString();
}

interface Token {
  readonly user?: string;
  readonly role?: string;
  readonly channel?: string;
  readonly emoji?: string;
  readonly time?: string;
  readonly command?: string;
}

/** The named groups that `replaceAll` hands over as its last argument. */
function tokenOf(groups: unknown): Token {
  return typeof groups === "object" && groups !== null ? { ...groups } : {};
}
