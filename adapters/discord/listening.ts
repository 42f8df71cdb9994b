import type { Client } from "discord.js";

import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { createLanes, type Lanes } from "../../src/relay/lanes.ts";
import type { CatchesUp, Hands, Listener } from "../../src/relay/platform.ts";
import type { Api } from "./api.ts";
import { registerCommands } from "./commands.ts";
import { type Connection, connect } from "./connection.ts";
import type { Directory } from "./directory.ts";
import { type Reading, readHappenings } from "./happenings.ts";
import { answerCommand } from "./interactions.ts";
import { createCatchUp } from "./missed.ts";
import type { Packet } from "./packets.ts";
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

/** Everything that comes in from Discord. What comes from one channel is handed over in its order. */
export function createListener(options: ListenerOptions): Listener & CatchesUp {
  const { api, recent, directory, log } = options;
  const standings = createStandings({ api, guilds: (user) => directory.guilds(user), log });
  const lanes = createLanes();
  const reading = { recent, directory, standings };
  const take = createTake(reading, lanes, log);
  const missed = createCatchUp({ ...reading, api, lanes, log });
  const handling = new Set<Promise<void>>();
  const ending = new AbortController();
  let connection: Connection | undefined;
  let given: Hands | undefined;

  const track = async (work: Promise<void>): Promise<void> => {
    const tracked = work.finally(() => handling.delete(tracked));
    handling.add(tracked);
    await tracked;
  };

  const stop = async (): Promise<void> => {
    ending.abort(new Error("The platform was stopped."));
    await connection?.[Symbol.asyncDispose]();
    connection = undefined;
    await Promise.allSettled(handling);
  };

  return {
    async start(hands) {
      given = hands;
      connection = await connect({
        ...options,
        onPacket: (packet, me) => {
          if (!ending.signal.aborted) void track(take(hands, packet, me));
        },
        onCommand: (interaction) => {
          if (ending.signal.aborted) return;
          void track(answerCommand({ api, standings, log }, interaction, hands.command));
        },
      });
      if (ending.signal.aborted) return await stop();
      // Nobody waits for it: a bot without its command is a bot all the same.
      void registerCommands(api, connection.application, log);
    },
    stop,
    get ready() {
      return connection?.ready ?? false;
    },
    async catchUp(after, bounds, signal) {
      if (given === undefined) throw new Error("Catching up begins after the start.");
      const ends = AbortSignal.any([signal, ending.signal]);
      await track(missed(given.receive, after, bounds, ends));
    },
  };
}

/** Never rejects. */
function createTake(reading: Reading, lanes: Lanes, log: Log) {
  return async (hands: Hands, packet: Packet, me: string): Promise<void> => {
    const channel = packet.d.channel_id;
    // Looked up side by side, handed over in the order of arrival.
    const happenings = readHappenings(reading, packet, me);
    // It may fail before its turn has come.
    happenings.catch(() => undefined);
    try {
      await lanes(channel, async () => {
        for (const one of await happenings) {
          if (one.type === "said") await hands.receive(one.message);
          else await hands.gesture(one);
        }
      });
    } catch (error) {
      log.error({ error: messageOf(error), channel, type: packet.t }, "an event was not recorded");
    }
  };
}
