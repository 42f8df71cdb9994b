import { setTimeout as sleep } from "node:timers/promises";

import { ChannelType, RequestMethod, Routes, SnowflakeUtil } from "discord.js";
import { z } from "zod";

import { messageOf, PlatformRefused, PlatformUnreachable, RateLimited } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Lanes } from "../../src/relay/lanes.ts";
import type { Addressed } from "../../src/relay/message.ts";
import type { CatchesUp, Receive } from "../../src/relay/platform.ts";
import type { Api } from "./api.ts";
import type { Described, Directory } from "./directory.ts";
import { type Known, type Stand, toIncoming } from "./events.ts";
import type { Recent } from "./recent.ts";
import type { Standings } from "./standing.ts";
import { isNewer, Member, Written } from "./written.ts";

/** Channels that are read at the same time. */
const AT_A_TIME = 4;

const PAGE = 100;
/** Pages of one channel that are read at most, however much was said there. */
const PAGES = 50;

/** What Discord does not answer is asked for again after 1, 2, 4 and 8 s. */
const TRIES = 5;

/** A conversation that nobody drew the bot into went on without it. */
const OWED: ReadonlySet<Addressed> = new Set(["mention", "reply", "direct"]);

const THREADS: ReadonlySet<number> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
]);

const Channel = z.object({
  type: z.number(),
  guild_id: z.string().optional(),
  name: z.string().nullish(),
  topic: z.string().nullish(),
  parent_id: z.string().nullish(),
});

interface MissedOptions {
  readonly api: Api;
  readonly directory: Directory;
  readonly recent: Recent;
  readonly standings: Standings;
  /** Those of the messages that come over the gateway meanwhile. */
  readonly lanes: Lanes;
  readonly log: Log;
}

type Bounds = Parameters<CatchesUp["catchUp"]>[1];

/**
 * Hands over what was said while nobody listened; rejects with the signal's reason, and for nothing else. A channel
 * that is gone or closed to the bot is left out; where a message cannot be handed over, those after it are not either,
 * so that no cursor passes it by.
 */
export function createCatchUp(options: MissedOptions) {
  const { lanes, log } = options;
  return async (
    receive: Receive,
    after: ReadonlyMap<string, string>,
    bounds: Bounds,
    signal: AbortSignal,
  ): Promise<void> => {
    const waiting = [...after];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [channel, cursor] = next;
        if (signal.aborted) return;
        try {
          await lanes(channel, () => handOver(options, receive, channel, cursor, bounds, signal));
        } catch (error) {
          if (signal.aborted) return;
          const level = error instanceof PlatformRefused ? "debug" : "error";
          log[level]({ error: messageOf(error), channel }, "a channel was not caught up with");
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    signal.throwIfAborted();
  };
}

async function handOver(
  options: MissedOptions,
  receive: Receive,
  channel: string,
  cursor: string,
  { maxAge, perChannel }: Bounds,
  signal: AbortSignal,
): Promise<void> {
  const { api, directory, recent, standings, log } = options;
  const ask: Ask = (request) => patiently(request, signal);
  const oldest = idAt(Date.now() - maxAge);
  const floor = isNewer(cursor, oldest) ? cursor : oldest;
  const described = directory.describe(channel) ?? (await describe(ask, api, directory, channel));
  if (described.newest !== undefined && !isNewer(described.newest, floor)) return;
  const stand: Stand = { ...described, channel };
  const known: Known = { me: await ask(() => api.me()), directory, recent };

  const newestFirst = await read(ask, api, { channel, floor, perChannel, log }, (message) => {
    const heard = toIncoming(message, stand, known);
    return heard !== undefined && OWED.has(heard.addressed);
  });
  const missed = newestFirst.toReversed();
  for (const message of missed) recent.note(message);
  for (const message of missed) {
    signal.throwIfAborted();
    const { guild } = stand;
    const user = message.author.id;
    const member = guild === null ? undefined : await memberOf(ask, api, guild, user);
    const heard = toIncoming({ ...message, member }, stand, known);
    if (heard === undefined) continue;
    recent.note(message, heard.text);
    const pending = member?.pending === true;
    await receive({ ...heard, standing: await standings.of({ user, guild, pending }) });
  }
  if (missed.length > 0) log.info({ channel, messages: missed.length }, "caught up with Discord");
}

/** The newest messages above the floor that count, newest first. */
async function read(
  ask: Ask,
  api: Api,
  bounds: { channel: string; floor: string; perChannel: number; log: Log },
  counts: (message: Written) => boolean,
): Promise<Written[]> {
  const { channel, floor, perChannel, log } = bounds;
  const route = Routes.channelMessages(channel);
  const found: Written[] = [];
  let before: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(before && { before }) });
    const listed = await ask(() =>
      api.request({ method: RequestMethod.Get, route, query }, z.array(Written)),
    );
    for (const message of listed) {
      if (found.length === perChannel || !isNewer(message.id, floor)) return found;
      if (counts(message)) found.push(message);
    }
    before = listed.at(-1)?.id;
    if (listed.length < PAGE) return found;
  }
  log.info({ channel }, "more was said in a channel than is read to catch up");
  return found;
}

/** A DM, or an archived thread: the gateway tells of neither. */
async function describe(
  ask: Ask,
  api: Api,
  directory: Directory,
  channel: string,
): Promise<Described> {
  const request = { method: RequestMethod.Get, route: Routes.channel(channel) };
  const { type, guild_id, name, topic, parent_id } = await ask(() => api.request(request, Channel));
  const thread = THREADS.has(type);
  const parent = thread && parent_id ? { id: parent_id } : undefined;
  const parentName = parent && directory.channel(parent.id);
  const where = {
    ...(name && { name }),
    ...(topic && { topic }),
    ...(parent && { parent: { ...parent, ...(parentName !== undefined && { name: parentName }) } }),
  };
  if (guild_id === undefined) return { guild: null, thread: false, where: {}, newest: undefined };
  return { guild: guild_id, thread, where, newest: undefined };
}

/** Undefined for somebody who has left since. */
async function memberOf(
  ask: Ask,
  api: Api,
  guild: string,
  user: string,
): Promise<z.infer<typeof Member> | undefined> {
  const request = { method: RequestMethod.Get, route: Routes.guildMember(guild, user) };
  try {
    return await ask(() => api.request(request, Member));
  } catch (error) {
    if (error instanceof PlatformRefused) return undefined;
    throw error;
  }
}

type Ask = <T>(request: () => Promise<T>) => Promise<T>;

/** Waits as long as Discord asks, and tries again where it does not answer. */
async function patiently<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      const again = error instanceof PlatformUnreachable && tries < TRIES;
      if (!again && !(error instanceof RateLimited)) throw error;
      const wait = error instanceof RateLimited ? error.retryAfter : 500 * 2 ** tries;
      await sleep(wait, undefined, { signal });
    }
  }
}

/** The smallest id that a message of this time could have. */
function idAt(milliseconds: number): string {
  const since = BigInt(Math.floor(milliseconds)) - SnowflakeUtil.epoch;
  return String(since < 0n ? 0n : since << 22n);
}
