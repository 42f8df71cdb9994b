import { resolve } from "node:path";

import type { LoadedTools } from "../toolbox/index.ts";
import { checkAssistants } from "./assistants.ts";
import { runBounded } from "./bound.ts";
import { checkNode, type Situation, speaksOf, VARIABLES } from "./configuration.ts";
import { checkEmbedded } from "./embedded.ts";
import { type Area, type Finding, findingsIn } from "./finding.ts";
import { checkHttp, urlOf } from "./http.ts";
import type { LocalServer } from "./local-models.ts";
import { checkModel } from "./model.ts";
import type { PlatformChecks } from "./platform-check.ts";
import { checkPostgres } from "./postgres.ts";
import { checkSettings } from "./settings.ts";
import { findMisspelt } from "./spelling.ts";
import { checkTools } from "./tools.ts";

interface CheckOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly checks: PlatformChecks;
  readonly localServers?: readonly LocalServer[];
  /** Milliseconds. */
  readonly bound: number;
}

type Found = readonly Finding[] | Promise<readonly Finding[]>;

/** Starts every check at once: none waits for another, and none rejects. */
export function startChecks(
  options: CheckOptions,
  situation: Situation,
  tools: Promise<LoadedTools>,
): Readonly<Record<Area, Promise<readonly Finding[]>>> {
  const { env, bound } = options;
  const { environment } = situation;
  const run = (area: Area, check: (signal: AbortSignal) => Found): Promise<readonly Finding[]> =>
    runBounded(area, check, bound);
  const toolsDir = resolve(environment.TOOLS_DIR);
  // Tools that cannot even be listed are told once, as a finding of their own.
  const known = tools.catch((): LoadedTools => ({ tools: [], problems: [] }));
  return {
    configuration: run("configuration", async () => [
      checkNode(process.versions.node),
      ...findMisspelt(env, namesRead(await known)),
    ]),
    settings: run("settings", async (signal) =>
      checkSettings(environment.CONFIG_FILE, await known, signal),
    ),
    slack: run("slack", (signal) => checkSlack(options, situation, signal)),
    discord: run("discord", (signal) => checkDiscord(options, situation, signal)),
    model: run("model", (signal) => checkModelOf(options, situation, signal)),
    assistants: run("assistants", (signal) => checkAssistantsOf(situation, signal)),
    store: run("store", (signal) =>
      environment.DATABASE_URL === undefined
        ? checkEmbedded(resolve(environment.DATA_DIR), signal)
        : checkPostgres(environment.DATABASE_URL, signal),
    ),
    tools: run("tools", async () => checkTools(toolsDir, await tools, env)),
    http: run("http", (signal) =>
      checkHttp({ host: environment.HOST, port: environment.PORT }, signal),
    ),
  };
}

function namesRead({ tools }: LoadedTools): string[] {
  return [...VARIABLES, ...tools.flatMap(({ secrets, settings }) => [...secrets, ...settings])];
}

function checkSlack({ checks }: CheckOptions, situation: Situation, signal: AbortSignal): Found {
  const { given, environment, playground } = situation;
  if (!speaksOf(given, "SLACK_"))
    return [off("slack", "Slack", playground ? checks.slack.howToBegin : undefined)];
  return checks.slack.check(
    {
      botToken: environment.SLACK_BOT_TOKEN,
      appToken: environment.SLACK_APP_TOKEN,
      signingSecret: environment.SLACK_SIGNING_SECRET,
      apiUrl: environment.SLACK_API_URL,
      listensOn: urlOf({ host: environment.HOST, port: environment.PORT }),
    },
    signal,
  );
}

function checkDiscord({ checks }: CheckOptions, situation: Situation, signal: AbortSignal): Found {
  const { given, environment, playground } = situation;
  if (!speaksOf(given, "DISCORD_"))
    return [off("discord", "Discord", playground ? checks.discord.howToBegin : undefined)];
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl } = environment;
  return token === undefined ? [] : checks.discord.check({ token, apiUrl }, signal);
}

/** Whoever has set up one platform wants no advice on the other. */
function off(area: "slack" | "discord", name: string, howToBegin: string | undefined): Finding {
  const said = howToBegin === undefined ? `${name} is not configured.` : `${name} is simulated.`;
  return findingsIn(area).ok(`${area}-off`, said, howToBegin);
}

function checkModelOf(
  { localServers }: CheckOptions,
  { environment, model }: Situation,
  signal: AbortSignal,
): Found {
  const { ASSISTANTS_BASE_URL, OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: apiKey } = environment;
  // The remote endpoint has the models.
  if (ASSISTANTS_BASE_URL !== undefined && baseURL === undefined && apiKey === undefined) return [];
  return checkModel({ model, baseURL, apiKey, localServers }, signal);
}

function checkAssistantsOf({ environment }: Situation, signal: AbortSignal): Found {
  const { ASSISTANTS_BASE_URL: baseURL, ASSISTANTS_API_KEY: apiKey } = environment;
  return baseURL === undefined ? [] : checkAssistants({ baseURL, apiKey }, signal);
}
