import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import { createLog } from "../../src/log.ts";
import type { IncomingMessage, Place } from "../../src/relay/message.ts";
import type { Hands, Platform } from "../../src/relay/platform.ts";
import {
  createDiscordSimulator,
  type DiscordMessage,
  type DiscordSimulator,
  type DiscordSimulatorOptions,
} from "../../simulator/discord/index.ts";

export const log = createLog("silent");

/** Takes everything and says nothing, but for what a test puts in its place. */
export function handsOf(hands: Partial<Hands> = {}): Hands {
  return {
    receive: async () => {},
    gesture: async () => {},
    command: async ({ text }) => `You said: ${text}`,
    introduce: async () => ({ text: "", prompts: [] }),
    ...hands,
  };
}

/** A simulated Discord with the adapter started on it. */
export interface Room extends AsyncDisposable {
  readonly discord: DiscordSimulator;
  readonly platform: Platform;
  /** What `onFatal` was called with. */
  readonly fatal: readonly Error[];
  /** Resolves when `onFatal` is first called. */
  readonly ended: Promise<Error>;
  /** Ids of #ops and of Ana. */
  readonly ops: string;
  readonly ana: string;
  /** The next message that the platform brings in. */
  readonly next: () => Promise<IncomingMessage>;
}

/** Without rate limits, unless the options say otherwise. */
export async function openRoom(
  options: DiscordSimulatorOptions = {},
  hands: Partial<Hands> = {},
): Promise<Room> {
  const discord = await createDiscordSimulator({ limits: "off", ...options });
  const fatal: Error[] = [];
  const ended = Promise.withResolvers<Error>();
  const platform = createDiscordPlatform({
    token: discord.token,
    apiUrl: discord.apiUrl,
    log,
    onFatal: (error) => {
      fatal.push(error);
      ended.resolve(error);
    },
  });
  const waiting: ((message: IncomingMessage) => void)[] = [];
  const arrived: IncomingMessage[] = [];
  const receive = async (message: IncomingMessage): Promise<void> => {
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(message);
    else taker(message);
  };
  await platform.start(handsOf({ receive, ...hands }));
  return {
    discord,
    platform,
    fatal,
    ended: ended.promise,
    ops: discord.channel("ops"),
    ana: discord.user("Ana"),
    next: async () => arrived.shift() ?? (await new Promise((resolve) => waiting.push(resolve))),
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      await discord[Symbol.asyncDispose]();
    },
  };
}

export function placeOf({ conversation, id, author }: IncomingMessage): Place {
  return { conversation, question: id, asker: author };
}

/** Ana's question in #ops, and where its answer goes. */
export async function ask(
  room: Room,
  text = "status?",
): Promise<{ asked: DiscordMessage; place: Place }> {
  const { discord, ops, ana } = room;
  const asked = discord.say({
    channel: ops,
    user: ana,
    text: `<@${discord.world.bot.id}> ${text}`,
  });
  return { asked, place: placeOf(await room.next()) };
}
