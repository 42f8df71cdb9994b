import type { Message } from "discord.js";

import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Platform, Receive } from "../../src/relay/platform.ts";
import { createApi } from "./api.ts";
import { type Connection, connect } from "./connection.ts";
import { toIncoming } from "./events.ts";
import { format } from "./format.ts";
import { LIMITS } from "./limits.ts";
import { createPosting } from "./posting.ts";

export interface DiscordPlatformOptions {
  readonly token: string;
  /** Base of the REST API, ending in `/api`; Discord's own by default. */
  readonly apiUrl?: string | undefined;
  readonly log: Log;
  /** Called once when Discord ends it for good, e.g. because the token was reset: the process should exit. */
  readonly onFatal?: (error: Error) => void;
}

/** Discord through discord.js: messages over the gateway, replies over REST. */
export function createDiscordPlatform(options: DiscordPlatformOptions): Platform {
  const { token, apiUrl, log } = options;
  let fatal = false;
  const onFatal = (error: Error): void => {
    if (fatal) return;
    fatal = true;
    log.error({ error: error.message }, "Discord ended it");
    options.onFatal?.(error);
  };
  const api = createApi({ token, apiUrl, onFatal });
  const receiving = new Set<Promise<void>>();
  let connection: Connection | undefined;
  let stopped = false;

  const take = (receive: Receive, message: Message, me: string): void => {
    const incoming = stopped ? undefined : toIncoming(message, me);
    if (incoming === undefined) return;
    const received = receive(incoming)
      .catch((error: unknown) =>
        log.error({ error: messageOf(error), message: incoming.id }, "a message was not recorded"),
      )
      .finally(() => receiving.delete(received));
    receiving.add(received);
  };

  const stop = async (): Promise<void> => {
    stopped = true;
    await connection?.[Symbol.asyncDispose]();
    connection = undefined;
    await Promise.all(receiving);
  };

  return {
    name: "discord",
    limits: LIMITS,
    async start(receive) {
      const onMessage = (message: Message, me: string): void => take(receive, message, me);
      connection = await connect({ token, apiUrl, log, onMessage, onFatal });
      if (stopped) await stop();
    },
    stop,
    get ready() {
      return connection?.ready ?? false;
    },
    budget: ({ channel }) => channel,
    format,
    ...createPosting(api, log),
    async [Symbol.asyncDispose]() {
      await stop();
      api[Symbol.dispose]();
    },
  };
}
