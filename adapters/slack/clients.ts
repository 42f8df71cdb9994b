import type { Logger } from "@slack/bolt";
import { WebClient, type WebClientOptions } from "@slack/web-api";
import { fetch, ProxyAgent, type RequestInit, type Response } from "undici";
import { LOOKUP_TIMEOUT, REQUEST_TIMEOUT } from "./limits.ts";

/** As undici's, through the proxy where there is one. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The ways to Slack's Web API. None retries or waits out a rate limit: that is decided by class, in src/. */
export interface Clients extends AsyncDisposable {
  readonly web: WebClient;
  /** Gives up early: used while Slack waits for an acknowledgement. */
  readonly lookup: WebClient;
  /** With another token than the bot's. */
  for(token: string): WebClient;
  /** For Bolt's own clients; a new object each time, since the SDKs write into what they are given. */
  options(): WebClientOptions;
  /** For what is no call of the Web API: files, and answers to commands. */
  readonly fetch: Fetch;
  /** Takes everything through the proxy, where there is one. */
  readonly dispatcher: ProxyAgent | undefined;
}

interface ClientsOptions {
  readonly botToken: string;
  readonly apiUrl?: string | undefined;
  readonly proxy?: string | undefined;
  readonly logger: Logger;
}

export function createClients({ botToken, apiUrl, proxy, logger }: ClientsOptions): Clients {
  const dispatcher = proxy === undefined ? undefined : new ProxyAgent(proxy);
  const options = (timeout = REQUEST_TIMEOUT): WebClientOptions => ({
    logger,
    timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    ...(dispatcher !== undefined && { fetch: (url, init) => fetch(url, { ...init, dispatcher }) }),
  });
  return {
    web: new WebClient(botToken, options()),
    lookup: new WebClient(botToken, options(LOOKUP_TIMEOUT)),
    for: (token) => new WebClient(token, options()),
    options,
    fetch: (url, init = {}) =>
      fetch(url, dispatcher === undefined ? init : { ...init, dispatcher }),
    dispatcher,
    async [Symbol.asyncDispose]() {
      await dispatcher?.close();
    },
  };
}
