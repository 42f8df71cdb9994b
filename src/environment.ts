import { readFileSync } from "node:fs";

import { z } from "zod";

import { messageOf } from "./errors.ts";

/** These may also be given as a file: NAME_FILE holds its path. */
export const SECRETS = [
  "SLACK_BOT_TOKEN",
  "SLACK_APP_TOKEN",
  "SLACK_SIGNING_SECRET",
  "DISCORD_TOKEN",
  "OPENAI_API_KEY",
  "ASSISTANTS_API_KEY",
  "DATABASE_URL",
  "API_KEYS",
  "ADMIN_TOKEN",
] as const;

const url = (protocols: readonly string[]) =>
  z.string().refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ""), {
    error: (issue) =>
      `is no ${protocols.map((one) => `${one}//`).join(" or ")} URL: "${withoutPassword(String(issue.input))}"`,
  });
/** A mistyped URL is shown, but not who may use it. */
function withoutPassword(text: string): string {
  return text.replace(/[^/\s]*@/, "…@");
}
const http = url(["http:", "https:"]);
const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, {
    error: (issue) => `is "${String(issue.input)}"; it must be one of ${values.join(", ")}`,
  });
/** Tokens of another kind are a common mix-up; any other beginning is left for Slack to judge. */
const token = (prefix: string, others: readonly string[], where: string) =>
  z
    .string()
    .refine((value) => !others.some((other) => value.startsWith(other)), {
      error: `holds a token of another kind; it begins with ${prefix} (${where})`,
    })
    .optional();

export const Environment = z.object({
  SLACK_BOT_TOKEN: token("xoxb-", ["xapp-", "xoxp-"], "OAuth & Permissions → Bot User OAuth Token"),
  SLACK_APP_TOKEN: token(
    "xapp-",
    ["xoxb-", "xoxp-"],
    "Basic Information → App-Level Tokens, scope connections:write",
  ),
  SLACK_SIGNING_SECRET: z.string().optional(),
  SLACK_API_URL: http.refine((value) => value.endsWith("/api/"), "must end in /api/").optional(),
  SLACK_STREAMING: oneOf(["auto", "native", "edits"]).default("auto"),
  DISCORD_TOKEN: z.string().optional(),
  DISCORD_API_URL: http.refine((value) => value.endsWith("/api"), "must end in /api").optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: http.optional(),
  OPENAI_MODEL: z.string().optional(),
  MODEL_API: oneOf(["responses", "chat"]).optional(),
  ASSISTANTS_BASE_URL: http.optional(),
  ASSISTANTS_API_KEY: z.string().optional(),
  DATABASE_URL: url(["postgres:", "postgresql:"]).optional(),
  DATA_DIR: z.string().default("./data"),
  TOOLS_DIR: z.string().default("./tools"),
  CONFIG_FILE: z.string().optional(),
  HTTPS_PROXY: http.optional(),
  NO_PROXY: z.string().default(""),
  HOST: z.string().default("127.0.0.1"),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, {
      error: (issue) => `is "${String(issue.input)}"; it must be a number from 0 to 65535`,
    })
    .transform(Number)
    .refine((port) => port <= 65_535, "must be a number from 0 to 65535")
    .default(3000),
  API_KEYS: z.string().optional(),
  ADMIN_TOKEN: z.string().min(16, "must have at least 16 characters").optional(),
  LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});
export type Environment = z.output<typeof Environment>;

/** Empty variables count as absent; a secret may stand in a file that NAME_FILE names. */
export function readVariables(
  env: Readonly<Record<string, string | undefined>>,
  faults: string[],
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.trim() !== "") given[name] = value.trim();
  }
  for (const name of SECRETS) {
    const path = given[`${name}_FILE`];
    if (path === undefined || given[name] !== undefined) continue;
    try {
      given[name] = readFileSync(path, "utf8").trim();
    } catch (error) {
      faults.push(`${name}_FILE names a file that cannot be read: ${messageOf(error)}.`);
    }
  }
  return given;
}
