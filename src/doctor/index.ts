import { resolve } from "node:path";

import { createLog, redact } from "../log.ts";
import { type LoadedTools, loadTools } from "../toolbox/index.ts";
import { readVariables } from "../toolbox/variables.ts";
import { BOUND } from "./bound.ts";
import { startChecks } from "./checks.ts";
import { examine, type Situation } from "./configuration.ts";
import { AREAS, type Finding } from "./finding.ts";
import { urlOf } from "./http.ts";
import type { LocalServer } from "./local-models.ts";
import type { PlatformChecks } from "./platform-check.ts";
import { createReport } from "./report.ts";

export interface DoctorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One JSON document, `{ ok, findings }`, instead of text. */
  readonly json: boolean;
  readonly write: (text: string) => void;
  /** The adapters'. */
  readonly checks: PlatformChecks;
  /** Where not given: at a terminal, unless NO_COLOR is set. */
  readonly colour?: boolean;
  /** Model servers to look for on this machine; the usual ones where not given. */
  readonly localServers?: readonly LocalServer[];
  /** Milliseconds that one check may take; 10,000 where not given. */
  readonly bound?: number;
}

/**
 * Tells what is configured, what was reached and what is missing, each with the way out. Needs no bot that runs and
 * disturbs none. Answers with the exit code: 0 without a fault, else 1. Never rejects over what it finds.
 */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const { env, json, write, checks } = options;
  const situation = examine(env, { ...checks.slack.remedies, ...checks.discord.remedies });
  const dir = resolve(situation.environment.TOOLS_DIR);
  const tools = loadTools({ dir, log: createLog("silent") });
  const running = startChecks({ bound: BOUND, ...options }, situation, tools);
  const safe = await createRedaction(situation, tools, env);
  const report = createReport(options.colour ?? isColourful(env));
  const all: Finding[] = [];
  for (const area of AREAS) {
    const own = situation.findings.filter((finding) => finding.area === area);
    const findings = [...own, ...(await running[area])].map(safe);
    all.push(...findings);
    if (!json) write(report.area(area, findings));
  }
  const ok = all.every(({ state }) => state !== "fault");
  if (json) write(`${JSON.stringify({ ok, findings: all }, undefined, 2)}\n`);
  else write(report.end(all, situation.playground ? playgroundSentence(situation) : undefined));
  return ok ? 0 : 1;
}

function isColourful(env: DoctorOptions["env"]): boolean {
  return process.stdout.isTTY && (env["NO_COLOR"] ?? "") === "";
}

function playgroundSentence({ environment, model }: Situation): string {
  const url = urlOf({ host: environment.HOST, port: environment.PORT });
  const where = environment.PORT === 0 ? "at the address that it prints" : `at ${url}`;
  const answers = model?.kind === "demo" ? "the demo model" : (model?.name ?? "the model");
  return `It works as it is: run \`npm start\` and chat ${where}, on a simulated Slack and Discord with ${answers}.`;
}

/** No value of a secret is printed, whoever put it into a sentence. */
async function createRedaction(
  { secrets }: Situation,
  loading: Promise<LoadedTools>,
  env: DoctorOptions["env"],
): Promise<(finding: Finding) => Finding> {
  const { tools } = await loading.catch(() => NO_TOOLS);
  const read = await Promise.all(
    // A secret that cannot be read is a finding of its own.
    tools.map((tool) => readVariables(tool, env).catch(() => ({ hidden: [] }))),
  );
  const hidden = [...secrets, ...read.flatMap((one) => one.hidden)];
  return ({ message, remedy, ...rest }) => ({
    ...rest,
    message: redact(message, hidden),
    ...(remedy !== undefined && { remedy: redact(remedy, hidden) }),
  });
}

const NO_TOOLS: LoadedTools = { tools: [], problems: [] };
