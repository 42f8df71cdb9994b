import { type Logger, LogLevel, WebClient } from "@slack/web-api";
import type { SlackSimulator } from "../../simulator/slack/index.ts";

const QUIET: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** The SDK's own client, with the bot's token; it tries nothing twice. */
export function clientOf(slack: SlackSimulator): WebClient {
  return new WebClient(slack.world.tokens.bot, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: QUIET,
  });
}
