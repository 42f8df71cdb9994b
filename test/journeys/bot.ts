import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { DiscordSimulator } from "../../simulator/discord/index.ts";
import type { SlackSimulator } from "../../simulator/slack/index.ts";
import type { ModelEndpoint } from "../doubles/model-endpoint.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** The whole bot as its own process, as an operator starts it. */
export interface Bot extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  /** Resolves once its output matches. */
  until(pattern: RegExp): Promise<void>;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

export interface BotEnvironment {
  readonly slack?: SlackSimulator;
  readonly discord?: DiscordSimulator;
  readonly model?: ModelEndpoint;
  readonly env?: Readonly<Record<string, string>>;
}

/** Nothing of the machine's own environment but what a process needs to run. */
function environmentOf({ slack, discord, model, env }: BotEnvironment): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    PORT: "0",
    LOG_LEVEL: "warn",
    ...(slack !== undefined && {
      SLACK_BOT_TOKEN: slack.world.tokens.bot,
      SLACK_APP_TOKEN: slack.world.tokens.app,
      SLACK_API_URL: slack.apiUrl,
    }),
    ...(discord !== undefined && { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl }),
    ...(model !== undefined && { OPENAI_BASE_URL: model.url, OPENAI_MODEL: "test-model" }),
    ...env,
  };
}

/** Resolves when it has greeted; rejects with its output when it ends before. */
export async function startBot(options: BotEnvironment): Promise<Bot> {
  const child = spawn(process.execPath, [MAIN], {
    env: environmentOf(options),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const greeted = Promise.withResolvers<string>();
  const waiting = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const look of waiting) look();
    const url = /Patchbay is ready .*?(http:\/\/\S+)/.exec(output)?.[1];
    if (url !== undefined) greeted.resolve(url);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? -1));
  });
  void exited.then((code) =>
    greeted.reject(new Error(`The bot ended with ${code} before it was ready:\n${output}`)),
  );
  const url = await greeted.promise;
  return {
    url,
    process: child,
    output: () => output,
    until: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!pattern.test(output)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    exited,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Runs a command line to its end. */
export async function runMain(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  return { code: child.exitCode, output };
}

/** A folder for DATA_DIR that ends with the scope. */
export async function makeDataDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "patchbay-journey-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
