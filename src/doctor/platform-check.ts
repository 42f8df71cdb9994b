import type { Finding } from "./finding.ts";

/** How a platform is looked at. Implemented by the adapters: they alone talk to the platforms. */
export interface PlatformCheck<Given> {
  /** From nothing to a first connection: pages, buttons and lines for .env. */
  readonly howToBegin: string;
  /** By variable: where its value is found, and the line for .env. */
  readonly remedies: Readonly<Record<string, string>>;
  /** Looks at what is there, also where some of it is missing. Ends soon after `signal` aborts; starts nothing that stays. */
  check(given: Given, signal: AbortSignal): Promise<readonly Finding[]>;
}

export interface SlackGiven {
  readonly botToken: string | undefined;
  readonly appToken: string | undefined;
  readonly signingSecret: string | undefined;
  readonly apiUrl: string | undefined;
  /** Where the bot listens, for the Request URL. */
  readonly listensOn: string;
}

export interface DiscordGiven {
  readonly token: string;
  readonly apiUrl: string | undefined;
}

export interface PlatformChecks {
  readonly slack: PlatformCheck<SlackGiven>;
  readonly discord: PlatformCheck<DiscordGiven>;
}
