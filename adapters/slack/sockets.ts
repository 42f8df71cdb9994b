import type { Logger } from "@slack/bolt";
import { SocketModeClient, type SocketModeOptions } from "@slack/socket-mode";
import { z } from "zod";
import type { Process } from "./receiver.ts";

/**
 * Two Socket Mode connections. Slack sends each envelope to one of them, so while it recycles one (every few hours,
 * about five seconds), nothing is lost on the other.
 */
export interface Sockets {
  /** Resolves when both are connected; rejects with the SDK's error where Slack does not take the app token. */
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly ready: boolean;
}

interface SocketsOptions {
  readonly appToken: string;
  readonly apiUrl?: string | undefined;
  readonly logger: Logger;
  readonly dispatcher?: SocketModeOptions["dispatcher"];
  readonly process: Process;
  /** A connection could not be had again: the SDK has given up on it. */
  readonly onGone: (error: unknown) => void;
  /** For tests, with fewer milliseconds than there are for Slack. */
  readonly patience?: Patience;
  /** Tries to reach apps.connections.open before the SDK gives up; 100 take about 45 minutes. */
  readonly retries?: number;
}

/**
 * How a connection that is open but deaf is noticed: three times within `pong` milliseconds Slack is asked for a pong,
 * and Slack itself sends a ping every few seconds. Where either fails to come, the connection is replaced.
 */
interface Patience {
  /** Without a pong; also the pause before a reconnect, which grows with every failure. */
  readonly pong: number;
  /** Without a ping, after the first one. */
  readonly ping: number;
}

/**
 * The SDK's own figures, on purpose: while one connection is replaced the other one listens, so a quick verdict costs
 * nothing, and a slower one would also delay every reconnect.
 */
const PATIENCE: Patience = { pong: 5000, ping: 30_000 };
const COUNT = 2;

const Envelope = z.object({
  ack: z.custom<(response?: Record<string, unknown>) => Promise<void>>(
    (value) => typeof value === "function",
  ),
  type: z.string(),
  body: z.record(z.string(), z.unknown()),
  retry_num: z.number().optional(),
  retry_reason: z.string().optional(),
});

export function createSockets(options: SocketsOptions): Sockets {
  const { process, logger } = options;
  const connected = new Set<SocketModeClient>();
  let stopped = false;

  const clients = Array.from({ length: COUNT }, () => {
    const client = new LastingClient(clientOptions(options), (error) => {
      if (!stopped) options.onGone(error);
    });
    client.on("connected", () => {
      connected.add(client);
      // A connection that was under way when everything stopped is of no use.
      if (stopped) void client.disconnect();
    });
    client.on("close", () => connected.delete(client));
    client.on("slack_event", (envelope: unknown) => {
      const { ack, type, body, retry_num, retry_reason } = Envelope.parse(envelope);
      void process({
        isEvent: type === "events_api",
        body,
        retryNum: retry_num,
        retryReason: retry_reason,
        acknowledge: ack,
      });
    });
    return client;
  });

  return {
    async start() {
      try {
        await Promise.all(clients.map((client) => client.start()));
      } catch (error) {
        stopped = true;
        await Promise.all(clients.map((client) => client.disconnect()));
        throw error;
      }
    },
    async stop() {
      stopped = true;
      logger.debug("Disconnecting from Slack");
      await Promise.all(clients.map((client) => client.disconnect()));
    },
    get ready() {
      return !stopped && connected.size > 0;
    },
  };
}

/**
 * Each client gets options of its own: the SDK writes into them, and with shared `headers` it would send the bot
 * token to apps.connections.open.
 */
function clientOptions({
  appToken,
  apiUrl,
  logger,
  dispatcher,
  patience = PATIENCE,
  retries,
}: SocketsOptions): SocketModeOptions {
  return {
    appToken,
    logger,
    clientPingTimeout: patience.pong,
    serverPingTimeout: patience.ping,
    ...(dispatcher !== undefined && { dispatcher }),
    clientOptions: {
      retryConfig: { retries: retries ?? 100, factor: 1.3, minTimeout: 500, maxTimeout: 30_000 },
      timeout: 10_000,
      ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    },
  };
}

/**
 * The SDK reconnects by calling `start` on a timer and lets a failure go as an unhandled rejection, after which
 * the connection is silent for ever. Here such a failure is told.
 */
class LastingClient extends SocketModeClient {
  readonly #onGone: (error: unknown) => void;
  #reconnecting = false;

  constructor(options: SocketModeOptions, onGone: (error: unknown) => void) {
    super(options);
    this.#onGone = onGone;
  }

  override async start(): ReturnType<SocketModeClient["start"]> {
    if (!this.#reconnecting) {
      this.#reconnecting = true;
      return super.start();
    }
    try {
      return await super.start();
    } catch (error) {
      this.#onGone(error);
      return { ok: false };
    }
  }
}
