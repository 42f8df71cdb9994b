import { DiscordAPIError, GatewayCloseCodes, HTTPError, RateLimitError } from "discord.js";

import {
  ConfigurationFault,
  messageOf,
  PlatformRefused,
  PlatformUnreachable,
  RateLimited,
} from "../../src/errors.ts";

/** Says in the classes of src/errors.ts what went wrong with a REST request. */
export function translate(error: unknown): PlatformRefused | PlatformUnreachable | RateLimited {
  const cause = { cause: error };
  if (error instanceof RateLimitError) {
    // What the 429 said, or until the bucket fills again where discord.js did not even send the request.
    const wait = Math.max(error.retryAfter || error.timeToReset, 1);
    return new RateLimited("Discord asks for patience.", Math.ceil(wait), cause);
  }
  if (error instanceof DiscordAPIError) {
    // Code 0 says no more than the status; an answer that is not Discord's own has no code at all.
    const code = error.code ? String(error.code) : `http_${error.status}`;
    return new PlatformRefused(`Discord refused (${code}): ${error.message}`, code, cause);
  }
  if (error instanceof HTTPError) {
    return new PlatformUnreachable(`Discord answered HTTP ${error.status}.`, {
      ...cause,
      answered: true,
    });
  }
  return new PlatformUnreachable(`The request to Discord failed: ${messageOf(error)}`, cause);
}

/** True where Discord does not take the token. */
export function isUnauthorised(error: unknown): boolean {
  return error instanceof PlatformRefused && error.code === "http_401";
}

export function tokenFault(): ConfigurationFault {
  return new ConfigurationFault([
    "DISCORD_TOKEN: Discord does not take this token. Take a new one at discord.com/developers/applications: " +
      "your application, Bot, Reset Token.",
  ]);
}

const AUTHENTICATION_FAILED: number = GatewayCloseCodes.AuthenticationFailed;
const DISALLOWED_INTENTS: number = GatewayCloseCodes.DisallowedIntents;

/** Why Discord closed the gateway for good, in words for whoever runs the bot. */
export function faultOf(closeCode: number): ConfigurationFault {
  if (closeCode === AUTHENTICATION_FAILED) return tokenFault();
  if (closeCode === DISALLOWED_INTENTS) {
    return new ConfigurationFault([
      "DISCORD_TOKEN: the application may not read messages. At discord.com/developers/applications: your " +
        "application, Bot, Privileged Gateway Intents, switch Message Content Intent on and save.",
    ]);
  }
  return new ConfigurationFault([
    `DISCORD_TOKEN: Discord closed the gateway for good (code ${closeCode}); its list of close codes says why.`,
  ]);
}
