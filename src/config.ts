import { resolve } from "node:path";

import { Environment, readVariables, SECRETS } from "./environment.ts";
import { ConfigurationFault } from "./errors.ts";
import type { Proxy } from "./proxy.ts";

/** Everything that the environment decides. Parsed once, frozen; all faults are reported together. */
export interface Config {
  readonly slack: SlackConfig | undefined;
  readonly discord: { readonly token: string; readonly apiUrl: string | undefined } | undefined;
  readonly model: ModelConfig;
  readonly assistants: { readonly baseURL: string; readonly apiKey: string } | undefined;
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly toolsDir: string;
  /** CONFIG_FILE; undefined means patchbay.yml where it exists. */
  readonly configFile: string | undefined;
  /** For Slack and the model endpoint. */
  readonly proxy: Proxy | undefined;
  readonly host: string;
  readonly port: number;
  readonly apiKeys: readonly string[];
  readonly adminToken: string | undefined;
  readonly logLevel: string;
  /** Whether the platforms are simulated on this machine, because none is configured. */
  readonly playground: boolean;
  /** Every secret that may never reach a log or a chat. */
  readonly secrets: readonly string[];
}

export interface SlackConfig {
  readonly botToken: string;
  /** Exactly one of the two: Socket Mode, or HTTP. */
  readonly appToken: string | undefined;
  readonly signingSecret: string | undefined;
  readonly apiUrl: string | undefined;
  readonly streaming: "auto" | "native" | "edits";
}

export interface ModelConfig {
  readonly kind: "responses" | "chat" | "demo";
  readonly name: string;
  readonly apiKey: string | undefined;
  readonly baseURL: string | undefined;
}

/** Used with a key alone; README.md names it. */
const DEFAULT_MODEL = "gpt-5.1";
const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);
/** The bot, or the Assistants server alone, which needs no platform. */
export type Role = "bot" | "assistants";

/** Reads the environment; throws a ConfigurationFault that lists everything that is wrong with it. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  role: Role = "bot",
): Config {
  const faults: string[] = [];
  const given = readVariables(env, faults);
  const first = Environment.safeParse(given);
  for (const issue of first.error?.issues ?? []) {
    const name = String(issue.path[0]);
    faults.push(`${name} ${issue.message}.`);
    // The rest is looked at as if this one were absent, so that everything is reported at once.
    delete given[name];
  }
  const environment = first.success ? first.data : Environment.parse(given);
  const faulty = new Set(faults.map((fault) => fault.split(" ")[0]));
  const report = (name: string, message: string): void => {
    if (!faulty.has(name)) faults.push(`${name} ${message}`);
  };
  const config =
    role === "bot" ? assemble(environment, report) : assembleServer(environment, report);
  if (faults.length > 0) throw new ConfigurationFault(faults);
  return Object.freeze(config);
}

type Report = (name: string, message: string) => void;

function assemble(env: Environment, report: Report): Config {
  const slack = slackOf(env, report);
  const discord = discordOf(env, report);
  const noPlatform = slack === undefined && discord === undefined;
  const loopback = LOOPBACK.has(env.HOST);
  if (noPlatform && !loopback && !isSlackMentioned(env) && env.DISCORD_API_URL === undefined) {
    report(
      "SLACK_BOT_TOKEN",
      `and DISCORD_TOKEN are both missing, and the simulators run on loopback only (HOST is ${env.HOST}): set one of them.`,
    );
  }
  if (!loopback && env.ADMIN_TOKEN === undefined) {
    report(
      "ADMIN_TOKEN",
      `is missing: with HOST=${env.HOST} the console can be reached from elsewhere and needs one.`,
    );
  }
  if (env.ASSISTANTS_API_KEY !== undefined && env.ASSISTANTS_BASE_URL === undefined) {
    report(
      "ASSISTANTS_BASE_URL",
      "is missing: ASSISTANTS_API_KEY is set, but not the endpoint that it is for.",
    );
  }
  return {
    ...common(env),
    slack,
    discord,
    playground: noPlatform,
    model: modelOf(env, !noPlatform, report),
    assistants:
      env.ASSISTANTS_BASE_URL === undefined
        ? undefined
        : { baseURL: env.ASSISTANTS_BASE_URL, apiKey: env.ASSISTANTS_API_KEY ?? "none" },
  };
}

/** What platforms and console would need is no fault where neither is started. */
function assembleServer(env: Environment, report: Report): Config {
  if (apiKeysOf(env).length === 0) {
    report(
      "API_KEYS",
      "is missing: the server answers only those who hold one of the keys that it lists, separated by commas.",
    );
  }
  return {
    ...common(env),
    slack: undefined,
    discord: undefined,
    assistants: undefined,
    playground: false,
    model: modelOf({ ...env, ASSISTANTS_BASE_URL: undefined }, true, report),
  };
}

function common(
  env: Environment,
): Omit<Config, "slack" | "discord" | "assistants" | "playground" | "model"> {
  return {
    databaseUrl: env.DATABASE_URL,
    dataDir: resolve(env.DATA_DIR),
    toolsDir: resolve(env.TOOLS_DIR),
    configFile: env.CONFIG_FILE,
    proxy:
      env.HTTPS_PROXY === undefined ? undefined : { url: env.HTTPS_PROXY, except: env.NO_PROXY },
    host: env.HOST,
    port: env.PORT,
    apiKeys: apiKeysOf(env),
    adminToken: env.ADMIN_TOKEN,
    logLevel: env.LOG_LEVEL,
    secrets: [
      ...SECRETS.flatMap((name) => (name === "API_KEYS" ? [] : (env[name] ?? []))),
      ...apiKeysOf(env),
    ],
  };
}

function apiKeysOf(env: Environment): string[] {
  return (env.API_KEYS ?? "")
    .split(",")
    .map((key) => key.trim())
    .filter((key) => key !== "");
}

function isSlackMentioned(env: Environment): boolean {
  return [env.SLACK_APP_TOKEN, env.SLACK_SIGNING_SECRET, env.SLACK_API_URL].some(
    (value) => value !== undefined,
  );
}

function slackOf(env: Environment, report: Report): SlackConfig | undefined {
  if (env.SLACK_BOT_TOKEN === undefined) {
    if (isSlackMentioned(env)) {
      report(
        "SLACK_BOT_TOKEN",
        "is missing: Slack is configured by half (OAuth & Permissions → Bot User OAuth Token).",
      );
    }
    return undefined;
  }
  if (env.SLACK_APP_TOKEN === undefined && env.SLACK_SIGNING_SECRET === undefined) {
    report(
      "SLACK_APP_TOKEN",
      "is missing: Slack needs it for Socket Mode (Basic Information → App-Level Tokens), or SLACK_SIGNING_SECRET for HTTP.",
    );
  }
  return {
    botToken: env.SLACK_BOT_TOKEN,
    appToken: env.SLACK_APP_TOKEN,
    signingSecret: env.SLACK_SIGNING_SECRET,
    apiUrl: env.SLACK_API_URL,
    streaming: env.SLACK_STREAMING,
  };
}

function discordOf(env: Environment, report: Report): Config["discord"] {
  if (env.DISCORD_TOKEN !== undefined)
    return { token: env.DISCORD_TOKEN, apiUrl: env.DISCORD_API_URL };
  if (env.DISCORD_API_URL !== undefined) {
    report(
      "DISCORD_TOKEN",
      "is missing: DISCORD_API_URL is set, but not the bot's token (Bot → Reset Token).",
    );
  }
  return undefined;
}

function modelOf(env: Environment, hasPlatform: boolean, report: Report): ModelConfig {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_MODEL: name } = env;
  const demo: ModelConfig = { kind: "demo", name: "demo", apiKey: undefined, baseURL: undefined };
  if (name === "demo") return demo;
  if (env.ASSISTANTS_BASE_URL !== undefined && apiKey === undefined && baseURL === undefined) {
    // The remote endpoint has the models; only the name for our assistants is ours.
    return { ...demo, name: name ?? DEFAULT_MODEL };
  }
  if (baseURL !== undefined && name === undefined) {
    report(
      "OPENAI_MODEL",
      "is missing: with OPENAI_BASE_URL it names the model that this server offers.",
    );
  }
  if (baseURL === undefined && apiKey === undefined) {
    if (name !== undefined) {
      report(
        "OPENAI_API_KEY",
        `is missing: OPENAI_MODEL=${name} needs a key, or OPENAI_BASE_URL for another server.`,
      );
    } else if (hasPlatform) {
      report(
        "OPENAI_API_KEY",
        "is missing: set it, or OPENAI_BASE_URL and OPENAI_MODEL for another server, or OPENAI_MODEL=demo to try without a model.",
      );
    }
    return demo;
  }
  const ours = baseURL === undefined || URL.parse(baseURL)?.hostname === "api.openai.com";
  return {
    kind: env.MODEL_API ?? (ours ? "responses" : "chat"),
    name: name ?? DEFAULT_MODEL,
    apiKey,
    baseURL,
  };
}
