import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../../src/log.ts";

/**
 * The SDK's logger over ours. The SDK's debug lines hold whole payloads, so they are never asked for, and what it
 * calls an error it mostly retries by itself: errors that matter reach us as exceptions.
 */
export function createLogger(log: Log): Logger {
  const own = log.child({ sdk: "slack" });
  return {
    debug: () => {},
    info: (...words) => own.debug(say(words)),
    warn: (...words) => own.warn(say(words)),
    error: (...words) => own.warn(say(words)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}

function say(words: readonly unknown[]): string {
  return words.map(String).join(" ");
}
