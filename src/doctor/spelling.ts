import { nearest } from "../settings/nearest.ts";
import { type Finding, findingsIn } from "./finding.ts";

/** Names under which other products and older guides know a variable; spelling alone would not lead there. */
const ALIASES: Readonly<Record<string, string>> = {
  SLACK_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_API_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_BOT_USER_OAUTH_TOKEN: "SLACK_BOT_TOKEN",
  SLACK_APP_LEVEL_TOKEN: "SLACK_APP_TOKEN",
  SLACK_SECRET: "SLACK_SIGNING_SECRET",
  DISCORD_BOT_TOKEN: "DISCORD_TOKEN",
  BOT_TOKEN: "DISCORD_TOKEN",
  OPENAI_KEY: "OPENAI_API_KEY",
  OPENAI_TOKEN: "OPENAI_API_KEY",
  OPENAI_SECRET_KEY: "OPENAI_API_KEY",
  OPENAI_API_BASE: "OPENAI_BASE_URL",
  OPENAI_API_URL: "OPENAI_BASE_URL",
  OPENAI_URL: "OPENAI_BASE_URL",
  OPENAI_API_MODEL: "OPENAI_MODEL",
  MODEL: "OPENAI_MODEL",
  POSTGRES_URL: "DATABASE_URL",
  PATCHBAY_CONFIG: "CONFIG_FILE",
};

/** Beginnings that only Patchbay's own variables and those of its tools have, so that any near miss is worth a word. */
const OURS = /^(SLACK|DISCORD|OPENAI|ASSISTANTS|EMBEDDINGS|PATCHBAY)_/;

/**
 * Variables that nobody reads, but that were probably meant for somebody. `known` are names that are read; one that
 * is set itself is not offered, because then the stranger is most likely somebody else's.
 */
export function findMisspelt(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): Finding[] {
  const isSet = (name: string): boolean => (env[name] ?? "").trim() !== "";
  const taken = new Set(known.flatMap((name) => [name, `${name}_FILE`]));
  const free = known.filter((name) => !isSet(name) && !isSet(`${name}_FILE`));
  return Object.keys(env)
    .filter((name) => isSet(name) && !taken.has(name))
    .toSorted()
    .flatMap((name) => {
      const meant = meantBy(name, free);
      if (meant === undefined) return [];
      const said = `${name} is set, but nothing reads it: did you mean ${meant}?`;
      return [
        findingsIn("configuration").warn(
          "variable-misspelt",
          said,
          `In .env: rename ${name} to ${meant}`,
        ),
      ];
    });
}

function meantBy(name: string, free: readonly string[]): string | undefined {
  const alias = ALIASES[name];
  if (alias !== undefined) return free.includes(alias) ? alias : undefined;
  const near = nearest(name, free);
  // Among the machine's own variables only those that begin alike: HOME is no misspelt HOST.
  return near !== undefined && (OURS.test(name) || name.slice(0, 3) === near.slice(0, 3))
    ? near
    : undefined;
}
