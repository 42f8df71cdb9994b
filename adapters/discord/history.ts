import { RequestMethod, Routes } from "discord.js";
import { z } from "zod";

import { PlatformRefused } from "../../src/errors.ts";
import type { Place } from "../../src/relay/message.ts";
import type { Reader } from "../../src/relay/platform.ts";
import { type Api, Identified } from "./api.ts";
import type { Directory } from "./directory.ts";
import type { Recent } from "./recent.ts";
import { isNewer, repliedTo, saysSomething, starterIn, toEarlier, Written } from "./written.ts";

const UNKNOWN_MESSAGE = "10008";
const PAGE = 100;

/** Pages of one thread that are read at most, however much of them Discord itself wrote. */
const PAGES = 10;

type Bounds = Parameters<Reader["earlier"]>[1];

interface HistoryOptions {
  readonly api: Api;
  readonly recent: Recent;
  readonly directory: Directory;
}

/** Reads what stands before a question. */
export function createHistory(options: HistoryOptions): Pick<Reader, "earlier"> {
  const { api, directory } = options;
  return {
    async earlier(place, bounds) {
      const { workspace: guild, channel, root } = place.conversation;
      if (guild === "dm" || bounds.count <= 0) return [];
      const inThread = root === channel && place.question !== channel;
      const read = inThread ? readThread : readChain;
      const newestFirst = await read(options, place, bounds);
      if (newestFirst.length === 0) return [];
      const reader = { guild, me: await api.me(), directory };
      return newestFirst.map((message) => toEarlier(message, reader)).toReversed();
    },
  };
}

/** The newest messages of a thread before the question, and the one that it was begun from. */
async function readThread(
  { api, directory }: HistoryOptions,
  { conversation: { channel }, question }: Place,
  { count, after }: Bounds,
): Promise<Written[]> {
  const found: Written[] = [];
  let before = question;
  let started = false;
  for (let page = 0; page < PAGES; page += 1) {
    const query = new URLSearchParams({ before, limit: String(PAGE) });
    const route = Routes.channelMessages(channel);
    const listed = await api.request({ method: RequestMethod.Get, route, query }, z.array(Written));
    for (const message of listed) {
      const starter = starterIn(message);
      started ||= starter !== undefined || message.id === channel;
      const said = starter ?? message;
      if (isNewer(said.id, after) && saysSomething(said)) found.push(said);
      if (found.length === count) return found;
    }
    const oldest = listed.at(-1);
    if (oldest !== undefined && !isNewer(oldest.id, after)) return found;
    if (oldest === undefined || listed.length < PAGE) break;
    before = oldest.id;
  }
  // Begun from a message, a thread has that message's id.
  const starter =
    started || !isNewer(channel, after) ? undefined : await fetchStarter(api, directory, channel);
  return starter !== undefined && saysSomething(starter) ? [...found, starter] : found;
}

/** Undefined where the thread was begun from no message, or that one is gone or hidden. */
async function fetchStarter(
  api: Api,
  directory: Directory,
  thread: string,
): Promise<Written | undefined> {
  try {
    let parent = directory.parent(thread);
    if (parent === undefined) {
      const about = { method: RequestMethod.Get, route: Routes.channel(thread) };
      const Thread = Identified.extend({ parent_id: z.string().nullish() });
      parent = (await api.request(about, Thread)).parent_id ?? undefined;
    }
    return parent === undefined ? undefined : await fetchMessage(api, parent, thread);
  } catch (error) {
    if (error instanceof PlatformRefused) return undefined;
    throw error;
  }
}

/** What the question replies to, and so on, up to a message that was deleted. */
async function readChain(
  { api, recent }: HistoryOptions,
  { conversation, question, opensThreadIn }: Place,
  { count, after }: Bounds,
): Promise<Written[]> {
  const channel = opensThreadIn ?? conversation.channel;
  const chain: Written[] = [];
  const noted = recent.get(question);
  let last = noted === undefined ? await fetchMessage(api, channel, question) : undefined;
  let next = last === undefined ? noted?.repliesTo : repliedTo(last);
  for (let step = 0; step < count && next !== undefined && isNewer(next, after); step += 1) {
    // An answer brings the message before it along.
    const held: Written | null | undefined = last?.referenced_message;
    if (held === null) break;
    last = held?.id === next ? held : await fetchMessage(api, channel, next);
    if (last === undefined) break;
    if (saysSomething(last)) chain.push(last);
    next = repliedTo(last);
  }
  return chain;
}

/** Undefined where it was deleted. */
export async function fetchMessage(
  api: Api,
  channel: string,
  message: string,
): Promise<Written | undefined> {
  const route = Routes.channelMessage(channel, message);
  try {
    return await api.request({ method: RequestMethod.Get, route }, Written);
  } catch (error) {
    if (error instanceof PlatformRefused && error.code === UNKNOWN_MESSAGE) return undefined;
    throw error;
  }
}
