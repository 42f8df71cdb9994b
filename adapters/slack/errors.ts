import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import type { Response } from "undici";
import {
  ConfigurationFault,
  messageOf,
  PlatformRefused,
  PlatformUnreachable,
  RateLimited,
} from "../../src/errors.ts";

/** Codes with which Slack says that it failed, not that the request was wrong; part of it may have been done. */
const SLACKS_OWN_FAULT: ReadonlySet<string> = new Set([
  "fatal_error",
  "internal_error",
  "request_timeout",
  "service_unavailable",
]);

const RATE_LIMITED: ReadonlySet<string> = new Set([
  "rate_limited",
  "ratelimited",
  "message_limit_exceeded",
]);

/** Milliseconds to wait where Slack asks for patience and does not say how long. */
const UNSTATED_PATIENCE = 3_000;

const BAD_TOKEN: ReadonlySet<string> = new Set([
  "account_inactive",
  "invalid_auth",
  "not_allowed_token_type",
  "not_authed",
  "token_expired",
  "token_revoked",
]);

/** Says in the classes of src/errors.ts what went wrong with a call of the Web API. */
export function translate(error: unknown): PlatformRefused | PlatformUnreachable | RateLimited {
  const cause = { cause: error };
  if (error instanceof WebAPIRateLimitedError) {
    return new RateLimited("Slack asks for patience.", error.retryAfter * 1000, cause);
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    if (RATE_LIMITED.has(code)) {
      const seconds = error.data.response_metadata?.retryAfter;
      return new RateLimited(
        `Slack asks for patience (${code}).`,
        seconds === undefined ? UNSTATED_PATIENCE : seconds * 1000,
        cause,
      );
    }
    if (SLACKS_OWN_FAULT.has(code)) {
      return new PlatformUnreachable(`Slack failed with ${code}.`, { ...cause, answered: true });
    }
    return new PlatformRefused(`Slack refused: ${code}.`, code, cause);
  }
  if (error instanceof WebAPIHTTPError && error.statusCode === 429) {
    return new RateLimited("Slack asks for patience.", UNSTATED_PATIENCE, cause);
  }
  if (error instanceof WebAPIHTTPError && error.statusCode < 500) {
    return new PlatformRefused(
      `Slack answered HTTP ${error.statusCode}.`,
      `http_${error.statusCode}`,
      cause,
    );
  }
  if (error instanceof WebAPIHTTPError) {
    return new PlatformUnreachable(`Slack answered HTTP ${error.statusCode}.`, {
      ...cause,
      answered: true,
    });
  }
  if (error instanceof WebAPIRequestError) {
    return new PlatformUnreachable(
      `Slack could not be reached: ${messageOf(error.original)}`,
      cause,
    );
  }
  return new PlatformUnreachable(`The request to Slack failed: ${messageOf(error)}`, cause);
}

/** Checks the answer to what is no call of the Web API: a file on its way up or down. */
export function checkStatus({ status, headers }: Pick<Response, "status" | "headers">): void {
  if (status === 429) {
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    const patience = Number.isNaN(seconds) ? UNSTATED_PATIENCE : seconds * 1000;
    throw new RateLimited("Slack asks for patience.", patience);
  }
  if (status >= 500)
    throw new PlatformUnreachable(`Slack answered HTTP ${status}.`, { answered: true });
  if (status !== 200) throw new PlatformRefused(`Slack answered HTTP ${status}.`, `http_${status}`);
}

export function isTranslated(
  error: unknown,
): error is PlatformRefused | PlatformUnreachable | RateLimited {
  return (
    error instanceof PlatformRefused ||
    error instanceof PlatformUnreachable ||
    error instanceof RateLimited
  );
}

/** Carries a call of the Web API out and throws in the classes of src/errors.ts. */
export async function call<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw translate(error);
  }
}

/** For the first calls of a start: a token that Slack does not take is a fault of the set-up. */
export function translateAtStart(
  error: unknown,
  variable: "SLACK_BOT_TOKEN" | "SLACK_APP_TOKEN",
): Error {
  if (!(error instanceof WebAPIPlatformError)) {
    const translated = translate(error);
    return translated instanceof RateLimited
      ? translated
      : new ConfigurationFault([
          `SLACK_API_URL: ${translated.message} Check the address (Slack's own where it is not set), the network, and HTTPS_PROXY where there is a proxy.`,
        ]);
  }
  const code = error.data.error;
  if (BAD_TOKEN.has(code))
    return new ConfigurationFault([`${variable}: ${WAY_OUT[variable]} Slack answered ${code}.`]);
  if (code === "missing_scope" && variable === "SLACK_APP_TOKEN") {
    return new ConfigurationFault([
      `${variable}: the token lacks the scope connections:write. ${WAY_OUT[variable]}`,
    ]);
  }
  return translate(error);
}

const WAY_OUT = {
  SLACK_BOT_TOKEN:
    "take the Bot User OAuth Token (xoxb-…) from OAuth & Permissions at api.slack.com/apps, after installing the app.",
  SLACK_APP_TOKEN:
    "make an app-level token (xapp-…) with connections:write under Basic Information at api.slack.com/apps.",
} as const;
