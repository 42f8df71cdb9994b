import { existsSync } from "node:fs";

import { startApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { ConfigurationFault, messageOf } from "./errors.ts";
import { greet } from "./greeting.ts";
import { createLog } from "./log.ts";

/** Milliseconds that replies under way may take after SIGTERM, and that the whole stop takes at most. */
const PATIENCE = 16_000;
const BOUND = 19_500;

const USAGE = `Usage: npm start -- [command]

  (none)   runs the bot; without any token on simulated platforms, with a page to chat in
  help     shows this

Configuration is read from the environment and from .env: see .env.example.
`;

/** The command line. Answers with the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const [command] = words;
  switch (command) {
    case undefined:
      return run();
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
  process.stdout.write(greet(config, app, performance.now() - began));

  const code = await ended.promise;
  await app.drain(PATIENCE);
  await app[Symbol.asyncDispose]();
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
