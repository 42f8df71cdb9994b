import { App, type AuthorizeResult, type Logger } from "@slack/bolt";
import { ConfigurationFault } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Platform, Streamer } from "../../src/relay/platform.ts";
import { type Clients, createClients } from "./clients.ts";
import { createDirectory } from "./directory.ts";
import { translateAtStart } from "./errors.ts";
import { createHttpHandler } from "./http.ts";
import { checkAppToken, type Identity, identify } from "./identity.ts";
import { LIMITS } from "./limits.ts";
import { listen } from "./listeners.ts";
import { createLogger } from "./logger.ts";
import { createReceiver, type HoldingReceiver } from "./receiver.ts";
import { createSockets, type Sockets } from "./sockets.ts";
import { createSpeaking } from "./speaking.ts";
import type { Streaming } from "./streams.ts";

export { COMMAND, EVENTS, SCOPES } from "./manifest.ts";
export type { Streaming } from "./streams.ts";

export interface SlackPlatformOptions {
  /** xoxb-… */
  readonly botToken: string;
  /** xapp-…: with it, events come over Socket Mode. */
  readonly appToken?: string | undefined;
  /** Without an app token: events come as signed requests, through `handle`. */
  readonly signingSecret?: string | undefined;
  /** Base of the Web API, ending in `/api/`; Slack's by default. */
  readonly apiUrl?: string | undefined;
  /** auto by default. */
  readonly streaming?: Streaming | undefined;
  /** URL of an HTTP proxy for everything that goes to Slack. */
  readonly proxy?: string | undefined;
  readonly log: Log;
  /** A connection is gone for good and messages may be missed: end the process, so that it is started again. */
  readonly onFatal: (error: Error) => void;
}

export interface SlackPlatform extends Platform {
  readonly stream: Streamer["stream"];
  /** Serves POST /slack/events; 404 in Socket Mode, 503 while the platform does not run. */
  readonly handle: (request: Request) => Promise<Response>;
}

/**
 * Slack, through Bolt. `start` throws a ConfigurationFault where Slack does not take a token, and
 * PlatformUnreachable or RateLimited where it cannot be asked.
 */
export function createSlackPlatform(options: SlackPlatformOptions): SlackPlatform {
  const { appToken, signingSecret, log } = options;
  if (appToken === undefined && signingSecret === undefined) {
    throw new ConfigurationFault([
      "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing.",
    ]);
  }
  const logger = createLogger(log);
  const clients = createClients({ ...options, logger });
  const directory = createDirectory({ client: clients.lookup, log });
  const receiver = createReceiver({ log, source: () => sockets });
  const sockets = connect(options, { logger, clients, receiver });
  let identity: Identity | undefined;
  let stopped: Promise<unknown> | undefined;

  const stop = async (): Promise<void> => {
    stopped ??= receiver.stop();
    await stopped;
  };
  return {
    ...createSpeaking({ ...options, clients, directory, identity: () => identity }),
    name: "slack",
    limits: LIMITS,
    handle: handlerOf(appToken === undefined ? signingSecret : undefined, receiver),
    get ready() {
      return receiver.taking && (sockets?.ready ?? true);
    },
    async start(hands) {
      const bot = await identify(clients.web, options.botToken, log);
      identity = bot;
      if (appToken !== undefined) await checkAppToken(clients.for(appToken));
      const app = new App({
        authorize: async () => authorizationOf(bot, options.botToken),
        receiver,
        logger,
        convoStore: false,
        clientOptions: clients.options(),
      });
      listen(app, { bot, directory, hands, client: clients.web, fetch: clients.fetch, log });
      try {
        await app.start();
      } catch (error) {
        throw translateAtStart(error, "SLACK_APP_TOKEN");
      }
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await clients[Symbol.asyncDispose]();
    },
  };
}

interface Parts {
  readonly logger: Logger;
  readonly clients: Clients;
  readonly receiver: HoldingReceiver;
}

/** The way in for Socket Mode, which an app token turns on. */
function connect(
  { appToken, apiUrl, onFatal }: SlackPlatformOptions,
  { logger, clients: { dispatcher }, receiver }: Parts,
): Sockets | undefined {
  if (appToken === undefined) return undefined;
  return createSockets({
    appToken,
    apiUrl,
    logger,
    process: (delivery) => receiver.process(delivery),
    onGone: (error) => onFatal(translateAtStart(error, "SLACK_APP_TOKEN")),
    ...(dispatcher !== undefined && { dispatcher }),
  });
}

/** The way in for HTTP; in Socket Mode nobody should come here. */
function handlerOf(
  signingSecret: string | undefined,
  receiver: HoldingReceiver,
): SlackPlatform["handle"] {
  if (signingSecret === undefined) return async () => new Response(null, { status: 404 });
  return createHttpHandler({
    signingSecret,
    process: (delivery) => receiver.process(delivery),
    now: Date.now,
  });
}

/** What Bolt needs to know with every event; constant, so that no event waits for auth.test. */
function authorizationOf({ team, user, bot }: Identity, botToken: string): AuthorizeResult {
  return { botToken, botId: bot, botUserId: user, teamId: team };
}
