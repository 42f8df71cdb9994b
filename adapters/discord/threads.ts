import { RequestMethod, Routes } from "discord.js";

import { PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Place } from "../../src/relay/message.ts";
import { Anything, type Api } from "./api.ts";
import { fetchMessage } from "./history.ts";
import type { Recent } from "./recent.ts";
import { toMarkdown } from "./text.ts";

/** Discord's code for a message that has a thread already: another attempt was here. */
const EXISTS = "160004";

/** Characters. Discord allows 100; more than this is cut off in its list of threads. */
const LONGEST_NAME = 80;

/** Questions of which is remembered where their answers stand. */
const MOST = 1000;

/**
 * Where the parts of a reply stand whose place says `opensThreadIn`. A thread that was begun from a message has
 * that message's id, so the place alone names both channels: `conversation.channel` is the thread, once there is
 * one, and `opensThreadIn` the channel in which the reply stands where Discord let the bot open none. What this
 * process remembers only spares requests: without it both are tried.
 */
export interface Threads {
  /** The channel to post to; opens the thread at first. */
  open(place: Place): Promise<string>;
  /** From now on this reply stands in the channel of its question. */
  giveUp(place: Place): void;
  /** The channels in which this reply's parts may stand, the likelier one first. */
  channels(place: Place): readonly [string, ...string[]];
  /** Where the reply stands now; the question's own channel as long as no thread was opened. */
  current(place: Place): string;
}

export function createThreads(api: Api, recent: Recent, log: Log): Threads {
  const known = new Map<string, string>();
  const remember = ({ question }: Place, channel: string): string => {
    known.set(question, channel);
    for (const oldest of known.keys()) {
      if (known.size <= MOST) break;
      known.delete(oldest);
    }
    return channel;
  };

  const create = async (place: Place, parent: string): Promise<void> => {
    const route = Routes.threads(parent, place.question);
    const body = { name: await nameOf(api, recent, place, parent) };
    try {
      await api.request({ method: RequestMethod.Post, route, body }, Anything);
    } catch (error) {
      if (error instanceof PlatformRefused && error.code === EXISTS) return;
      throw error;
    }
  };

  return {
    async open(place) {
      const { conversation, opensThreadIn: parent, question } = place;
      if (parent === undefined) return conversation.channel;
      const channel = known.get(question);
      if (channel !== undefined) return channel;
      try {
        await create(place, parent);
        return remember(place, conversation.channel);
      } catch (error) {
        // An answer in the wrong spot is better than none.
        if (!(error instanceof PlatformRefused)) throw error;
        log.warn({ error: error.message, channel: parent }, "no thread could be opened");
        return remember(place, parent);
      }
    },
    giveUp(place) {
      if (place.opensThreadIn !== undefined) remember(place, place.opensThreadIn);
    },
    channels({ conversation: { channel }, opensThreadIn: parent, question }) {
      if (parent === undefined) return [channel];
      return known.get(question) === parent ? [parent, channel] : [channel, parent];
    },
    current: ({ conversation, opensThreadIn, question }) =>
      opensThreadIn === undefined ? conversation.channel : (known.get(question) ?? opensThreadIn),
  };
}

/** The first words of the question. */
async function nameOf(
  api: Api,
  recent: Recent,
  { question, asker }: Place,
  parent: string,
): Promise<string> {
  let text = recent.get(question)?.text;
  if (text === undefined) {
    try {
      const nobody = { user: () => undefined, role: () => undefined, channel: () => undefined };
      const message = await fetchMessage(api, parent, question);
      text = toMarkdown(message?.content ?? "", [await api.me()], nobody);
    } catch (error) {
      if (!(error instanceof PlatformRefused)) throw error;
      text = "";
    }
  }
  const words = text.replaceAll(/[`*_~|>#\s]+/g, " ").trim();
  return shorten(words === "" ? `Question of ${asker.name}` : words);
}

/** Cut between words, where one ends in the second half. */
function shorten(text: string): string {
  if (text.length <= LONGEST_NAME) return text;
  const cut = text.slice(0, LONGEST_NAME - 1).toWellFormed();
  const end = cut.lastIndexOf(" ");
  return `${end > cut.length / 2 ? cut.slice(0, end) : cut}…`;
}
