import type { Message } from "discord.js";

import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Hands, Platform } from "../../src/relay/platform.ts";
import { createApi } from "./api.ts";
import { registerCommands } from "./commands.ts";
import { type Connection, connect } from "./connection.ts";
import { EMPTY } from "./directory.ts";
import { createDownload } from "./download.ts";
import { toIncoming } from "./events.ts";
import { format } from "./format.ts";
import { createHistory } from "./history.ts";
import { answerCommand } from "./interactions.ts";
import { LIMITS } from "./limits.ts";
import { createPosting } from "./posting.ts";
import { createRecent } from "./recent.ts";
import { createStandings } from "./standing.ts";
import { createThreads } from "./threads.ts";

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
  const recent = createRecent();
  let directory = EMPTY;
  const standings = createStandings({ api, guilds: (user) => directory.guilds(user), log });
  const handling = new Set<Promise<void>>();
  let connection: Connection | undefined;
  let stopped = false;

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => handling.delete(tracked));
    handling.add(tracked);
  };

  const take = async ({ receive }: Hands, message: Message, me: string): Promise<void> => {
    const heard = toIncoming(message, me);
    if (heard === undefined) return;
    recent.note(heard.id, { text: heard.text, repliesTo: heard.ancestors[0] });
    const pending = message.member?.pending === true;
    const visitor = { user: heard.author.id, guild: message.guildId, pending };
    try {
      await receive({ ...heard, standing: await standings.of(visitor) });
    } catch (error) {
      log.error({ error: messageOf(error), message: heard.id }, "a message was not recorded");
    }
  };

  const stop = async (): Promise<void> => {
    stopped = true;
    await connection?.[Symbol.asyncDispose]();
    connection = undefined;
    await Promise.all(handling);
  };

  return {
    name: "discord",
    limits: LIMITS,
    async start(hands) {
      connection = await connect({
        token,
        apiUrl,
        log,
        onNames: (told) => (directory = told),
        onMessage: (message, me) => {
          if (!stopped) track(take(hands, message, me));
        },
        onCommand: (interaction) => {
          if (!stopped) track(answerCommand({ api, standings, log }, interaction, hands.command));
        },
        onFatal,
      });
      if (stopped) return await stop();
      // Nobody waits for it: a bot without its command is a bot all the same.
      void registerCommands(api, connection.application, log);
    },
    stop,
    get ready() {
      return connection?.ready ?? false;
    },
    budget: ({ channel }) => channel,
    format,
    ...createPosting(api, createThreads(api, recent, log), log),
    ...createHistory({ api, recent, directory: () => directory, log }),
    download: createDownload(api, apiUrl),
    async [Symbol.asyncDispose]() {
      await stop();
      api[Symbol.dispose]();
    },
  };
}
