import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { z } from "zod";

import { discordCheck } from "../../adapters/discord/check.ts";
import { slackCheck } from "../../adapters/slack/check.ts";
import { AREAS, type Finding } from "../../src/doctor/finding.ts";
import { type DoctorOptions, runDoctor } from "../../src/doctor/index.ts";

const Document = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({
      area: z.enum(AREAS),
      state: z.enum(["ok", "warn", "fault"]),
      code: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)+$/),
      message: z.string(),
      remedy: z.string().optional(),
    }),
  ),
});

export interface Look {
  readonly exitCode: number;
  readonly ok: boolean;
  readonly findings: readonly Partial<Finding>[];
  /** What is not in order, as `state code`. */
  readonly troubles: readonly string[];
  /** The first finding with this code; throws where there is none. */
  finding(code: string): { readonly message: string; readonly remedy: string };
}

type Env = Readonly<Record<string, string | undefined>>;

/** Runs doctor with --json on the real adapters. Nothing of this machine is looked at but what `env` names. */
export async function look(env: Env, options: Partial<DoctorOptions> = {}): Promise<Look> {
  let text = "";
  const write = (part: string): void => void (text += part);
  const exitCode = await examine(env, { json: true, write, ...options });
  const { ok, findings } = Document.parse(JSON.parse(text));
  return {
    exitCode,
    ok,
    findings: findings.map(({ remedy, ...rest }) =>
      remedy === undefined ? rest : { ...rest, remedy },
    ),
    troubles: findings.flatMap(({ state, code }) => (state === "ok" ? [] : [`${state} ${code}`])),
    finding(code) {
      const found = findings.find((one) => one.code === code);
      if (found === undefined) throw new Error(`no ${code} in ${JSON.stringify(findings)}`);
      return { message: found.message, remedy: found.remedy ?? "" };
    },
  };
}

/** Runs doctor as at a terminal without colours. */
export async function read(env: Env, options: Partial<DoctorOptions> = {}): Promise<string> {
  let text = "";
  const write = (part: string): void => void (text += part);
  await examine(env, { json: false, colour: false, write, ...options });
  return text;
}

async function examine(
  env: Env,
  options: Partial<DoctorOptions> & Pick<DoctorOptions, "json" | "write">,
): Promise<number> {
  await using folder = await createFolder();
  const tools = path.join(folder.path, "tools");
  await mkdir(tools);
  return await runDoctor({
    checks: { slack: slackCheck, discord: discordCheck },
    localServers: [],
    ...options,
    env: { PORT: "0", TOOLS_DIR: tools, DATA_DIR: path.join(folder.path, "data"), ...env },
  });
}

/** A folder that ends with its scope. */
export async function createFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const made = await mkdtemp(path.join(tmpdir(), "patchbay-doctor-"));
  return { path: made, [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }) };
}
