import type { Client, Message } from "discord.js";

import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Hands, Listener } from "../../src/relay/platform.ts";
import type { Api } from "./api.ts";
import { registerCommands } from "./commands.ts";
import { type Connection, connect } from "./connection.ts";
import type { Directory } from "./directory.ts";
import { toIncoming } from "./events.ts";
import { answerCommand } from "./interactions.ts";
import type { Recent } from "./recent.ts";
import { createStandings } from "./standing.ts";

interface ListenerOptions {
  readonly token: string;
  readonly apiUrl: string | undefined;
  readonly api: Api;
  readonly recent: Recent;
  readonly directory: Directory;
  readonly onNames: (client: Client<true>) => void;
  readonly onFatal: (error: Error) => void;
  readonly log: Log;
}

/** Everything that comes in from Discord. Messages of one DM stay in their order while standings are looked up. */
export function createListener(options: ListenerOptions): Listener {
  const { api, recent, directory, log } = options;
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
    async start(hands) {
      connection = await connect({
        ...options,
        onMessage: (message, me) => {
          if (!stopped) track(take(hands, message, me));
        },
        onCommand: (interaction) => {
          if (!stopped) track(answerCommand({ api, standings, log }, interaction, hands.command));
        },
      });
      if (stopped) return await stop();
      // Nobody waits for it: a bot without its command is a bot all the same.
      void registerCommands(api, connection.application, log);
    },
    stop,
    get ready() {
      return connection?.ready ?? false;
    },
  };
}
