import { existsSync } from "node:fs";

import { discordCheck } from "../adapters/discord/check.ts";
import { slackCheck } from "../adapters/slack/check.ts";
import { startApp } from "./app.ts";
import { startAssistants } from "./assistants/alone.ts";
import { readConfig } from "./config.ts";
import { ConfigurationFault, messageOf } from "./errors.ts";
import { runDoctor } from "./doctor/index.ts";
import { findLocalModel } from "./doctor/local-models.ts";
import { noticeModel } from "./doctor/model-notice.ts";
import { greet } from "./greeting.ts";
import { createLog } from "./log.ts";
import { releaseStartupMemory } from "./memory.ts";

/** Milliseconds that replies under way may take after SIGTERM, and that the whole stop takes at most. */
const PATIENCE = 16_000;
const BOUND = 19_500;
/** Milliseconds after the start until connections and caches have settled. */
const SETTLED = 2_000;

const USAGE = `Usage: npm start -- [command]

  (none)           runs the bot; without any token on simulated platforms, with a page to chat in
  assistants       runs the Assistants API server alone, without chat platforms
  doctor [--json]  tells what is configured, what was reached, what is missing and the way to get it
  help             shows this

Configuration is read from the environment and from .env: see .env.example.
`;

/** The command line. Answers with the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const [command, ...options] = words;
  switch (command) {
    case undefined:
      return run();
    case "assistants":
      return runAssistants();
    case "doctor":
      return runDoctor({
        env: process.env,
        json: options.includes("--json"),
        write: (text) => process.stdout.write(text),
        checks: { slack: slackCheck, discord: discordCheck },
      });
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(`There is no command "${command}".\n\n${USAGE}`);
      return 2;
  }
}

async function run(): Promise<number> {
  const began = performance.now();
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, config.secrets);
  const ended = Promise.withResolvers<number>();
  listenForStop(() => ended.resolve(0));

  const app = await startApp(config, process.env, log, (error) => {
    process.stderr.write(`${messageOf(error)}\n`);
    ended.resolve(1);
  });
  const milliseconds = performance.now() - began;
  const localModel =
    config.playground && config.model.kind === "demo" ? await findLocalModel() : undefined;
  process.stdout.write(greet({ config, app, milliseconds, localModel }));
  void noticeModel(config.model).then(
    (notice) => notice !== undefined && process.stderr.write(`! ${notice}\n`),
  );
  setTimeout(releaseStartupMemory, SETTLED).unref();

  const code = await ended.promise;
  await app.drain(PATIENCE);
  await app[Symbol.asyncDispose]();
  return code;
}

async function runAssistants(): Promise<number> {
  const config = readConfig(process.env, "assistants");
  const ended = Promise.withResolvers<number>();
  listenForStop(() => ended.resolve(0));
  const server = await startAssistants(config, createLog(config.logLevel, config.secrets));
  process.stdout.write(`The Assistants API is ready at ${server.baseURL}\n`);
  const code = await ended.promise;
  await server.drain(PATIENCE);
  await server[Symbol.asyncDispose]();
  return code;
}

/** A repeated signal changes nothing: the first one ends the process within its bound, even while it still starts. */
function listenForStop(stop: () => void): void {
  let stopping = false;
  const heard = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), BOUND).unref();
    stop();
  };
  process.on("SIGTERM", heard);
  process.on("SIGINT", heard);
}

function explain(error: unknown): string {
  if (error instanceof ConfigurationFault)
    return error.faults.map((fault) => `✗ ${fault}\n`).join("");
  return `✗ Patchbay cannot start: ${messageOf(error)}\n`;
}

if (existsSync(".env")) process.loadEnvFile(".env");
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(explain(error));
  return 1;
});
// Sockets of libraries that linger must not keep a process that has drained.
process.exit();
