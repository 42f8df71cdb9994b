import { type ModelConfig, readConfig } from "../config.ts";
import { Environment, readVariables, SECRETS } from "../environment.ts";
import { ConfigurationFault } from "../errors.ts";
import { type Area, type Finding, findingsIn } from "./finding.ts";
import { REMEDIES } from "./remedies.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What the environment says, as far as it can be used: doctor goes on where a start would end. */
export interface Situation {
  /** What is set, by name; faulty values too. */
  readonly given: Readonly<Record<string, string>>;
  /** What is set and valid by itself, with defaults. */
  readonly environment: Environment;
  /** Undefined where it is missing something. */
  readonly model: ModelConfig | undefined;
  /** Nothing speaks of a platform: the simulators run. */
  readonly playground: boolean;
  /** Values that may not be printed. */
  readonly secrets: readonly string[];
  readonly findings: readonly Finding[];
}

/** Names of the variables that the product itself reads. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

const { ok } = findingsIn("configuration");
/** The oldest Node that the product is tried with. */
const OLDEST_NODE = 24;

export function examine(env: Env, remedies: Readonly<Record<string, string>>): Situation {
  const given = readVariables(env, []);
  const environment = usable(given);
  const set = VARIABLES.filter((name) => given[name] !== undefined);
  const playground = !speaksOf(given, "SLACK_") && !speaksOf(given, "DISCORD_");
  return {
    given,
    environment,
    model: modelOf(environment, playground),
    playground,
    secrets: secretsIn(given),
    findings: [
      set.length === 0
        ? ok("variables-none", "No variable is set, in .env or elsewhere: the defaults hold.")
        : ok("variables-set", `Set: ${set.join(", ")}.`),
      ...(isSwapped(given) ? [SWAPPED] : []),
      ...faultsOf(env).map((fault) => explain(fault, given, { ...REMEDIES, ...remedies })),
    ],
  };
}

/** Whether a platform is configured, be it by half or wrongly. SLACK_STREAMING alone configures nothing. */
export function speaksOf(given: Situation["given"], prefix: "SLACK_" | "DISCORD_"): boolean {
  return Object.keys(given).some(
    (name) =>
      name.startsWith(prefix) &&
      name !== "SLACK_STREAMING" &&
      VARIABLES.includes(name.replace(/_FILE$/, "")),
  );
}

/** `version` as in process.versions.node. */
export function checkNode(version: string): Finding {
  const supported = Number.parseInt(version, 10) >= OLDEST_NODE;
  if (supported) return ok("node-supported", `Node ${version}.`);
  return findingsIn("configuration").fault(
    "node-too-old",
    `Node ${version} is too old: Patchbay needs ${OLDEST_NODE} or later.`,
    "Start it with `npm start`, which uses the Node that `npm ci` has installed beside it.",
  );
}

function faultsOf(env: Env): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.faults;
    throw error;
  }
}

/** What is faulty by itself is looked at as if it were absent. */
function usable(given: Readonly<Record<string, string>>): Environment {
  const rest = { ...given };
  const first = Environment.safeParse(rest);
  for (const issue of first.error?.issues ?? []) delete rest[String(issue.path[0])];
  return first.success ? first.data : Environment.parse(rest);
}

/** config.ts decides which model is meant; it is asked about the model's own variables alone. */
function modelOf(environment: Environment, playground: boolean): ModelConfig | undefined {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL, MODEL_API } = environment;
  const none = [OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL].every((one) => one === undefined);
  // The demo model stands in for a missing one on the simulators alone.
  if (none && !playground) return undefined;
  try {
    return readConfig({ OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL, MODEL_API }).model;
  } catch (error) {
    if (error instanceof ConfigurationFault) return undefined;
    throw error;
  }
}

function secretsIn(given: Readonly<Record<string, string>>): string[] {
  return SECRETS.flatMap((name) => {
    const value = given[name];
    if (value === undefined) return [];
    if (name === "DATABASE_URL") return [value, URL.parse(value)?.password ?? ""];
    return name === "API_KEYS" ? value.split(",").map((key) => key.trim()) : [value];
  });
}

const SWAPPED = findingsIn("slack").fault(
  "slack-tokens-swapped",
  "SLACK_BOT_TOKEN and SLACK_APP_TOKEN hold each other's token.",
  "In .env: SLACK_BOT_TOKEN=xoxb-… and SLACK_APP_TOKEN=xapp-…, the other way round.",
);

function isSwapped({ SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app }: Env): boolean {
  return bot?.startsWith("xapp-") === true && app?.startsWith("xoxb-") === true;
}

/** A fault begins with the variable that it is about. */
function explain(
  fault: string,
  given: Readonly<Record<string, string>>,
  remedies: Readonly<Record<string, string>>,
): Finding {
  const [name = ""] = fault.split(" ");
  const plain = name.replace(/_FILE$/, "");
  const remedy = remedies[plain];
  if (name.endsWith("_FILE"))
    return findingsIn(areaOf(plain)).fault(
      "secret-file-unreadable",
      fault,
      `Correct the path in ${name} or the file's rights, or set ${plain} itself.`,
    );
  if (plain === "SLACK_BOT_TOKEN" && !Object.keys(given).some((one) => one.startsWith("SLACK_")))
    return findingsIn("configuration").fault("platform-missing", fault, remedies["HOST"]);
  const code = `${plain.toLowerCase().replaceAll("_", "-")}-${given[plain] === undefined ? "missing" : "invalid"}`;
  return findingsIn(areaOf(plain)).fault(code, fault, remedy);
}

function areaOf(variable: string): Area {
  if (variable.startsWith("SLACK_")) return "slack";
  if (variable.startsWith("DISCORD_")) return "discord";
  if (/^(OPENAI|MODEL|EMBEDDINGS)_/.test(variable)) return "model";
  if (variable.startsWith("ASSISTANTS_")) return "assistants";
  if (variable === "DATABASE_URL" || variable === "DATA_DIR") return "store";
  if (variable === "TOOLS_DIR") return "tools";
  if (variable === "CONFIG_FILE") return "settings";
  if (["HOST", "PORT", "API_KEYS", "ADMIN_TOKEN"].includes(variable)) return "http";
  return "configuration";
}
