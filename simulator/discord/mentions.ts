import type { APIAllowedMentions } from "discord-api-types/v10";

/** Whom a message notifies. */
export interface Mentions {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly everyone: boolean;
}

/** Fenced blocks and inline code, where Discord sees no mentions. */
const CODE = /```[\s\S]*?```|``[\s\S]*?``|`[^`\n]*`/g;

/** What `allowed_mentions` says; without it everything pings, the author of the replied message too. */
export type Allowed = APIAllowedMentions | null | undefined;

export function mentionsOf(
  content: string,
  allowed: Allowed,
  repliedUser: string | undefined,
): Mentions {
  const prose = content.replaceAll(CODE, " ");
  const named = (pattern: RegExp): string[] => [
    ...new Set([...prose.matchAll(pattern)].map((match) => match[1] ?? "")),
  ];
  const parsed: readonly string[] = allowed?.parse ?? [];
  const parses = (kind: "users" | "roles" | "everyone"): boolean =>
    !allowed || parsed.includes(kind);
  const users = named(/<@!?(\d{17,20})>/g).filter(
    (id) => parses("users") || allowed?.users?.includes(id),
  );
  const roles = named(/<@&(\d{17,20})>/g).filter(
    (id) => parses("roles") || allowed?.roles?.includes(id),
  );
  const pinged = !allowed || allowed.replied_user === true ? repliedUser : undefined;
  if (pinged !== undefined && !users.includes(pinged)) users.push(pinged);
  return { users, roles, everyone: parses("everyone") && /@(everyone|here)\b/.test(prose) };
}

/** The mentions in one list: user ids, role ids behind "&", "everyone". */
export function pingsOf({ users, roles, everyone }: Mentions): readonly string[] {
  return [...users, ...roles.map((id) => `&${id}`), ...(everyone ? ["everyone"] : [])];
}
