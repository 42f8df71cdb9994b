import { MessageFlags, MessageType, RequestMethod, Routes } from "discord.js";
import { z } from "zod";

import { messageOf, PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Place } from "../../src/relay/message.ts";
import type { Lookup, Part, Speaker } from "../../src/relay/platform.ts";
import { Anything, type Api, Identified } from "./api.ts";
import { asReply, beginsThread, NO_PINGS } from "./reply-to.ts";
import type { Threads } from "./threads.ts";
import { upload } from "./uploads.ts";

/** Discord's codes for a message or a channel that is gone or was never there, and for one that is out of reach. */
const GONE: ReadonlySet<string> = new Set(["10008"]);
const ELSEWHERE: ReadonlySet<string> = new Set(["10008", "10003", "50001", "50013", "http_404"]);
const FORBIDDEN: ReadonlySet<string> = new Set(["50001", "50013"]);

/** Messages after the question that are searched for a part: ten pages of the largest size. */
const PAGE = 100;
const PAGES = 10;

/** A renamed thread, say, is a message of the bot as well. */
const SAID: ReadonlySet<number> = new Set([MessageType.Default, MessageType.Reply]);

const Listed = z.array(
  z.object({
    id: z.string(),
    type: z.number().default(MessageType.Default),
    author: Identified,
    attachments: z.array(z.unknown()).default([]),
    nonce: z.union([z.string(), z.number()]).optional(),
    message_reference: z.object({ message_id: z.string().optional() }).optional(),
  }),
);

type Posting = Pick<Speaker, "post" | "edit" | "remove" | "upload" | "find" | "showActivity">;

/** Everything that is written to Discord. Needs no gateway. */
export function createPosting(api: Api, threads: Threads, log: Log): Posting {
  return {
    post: (place, part) => inPlace(threads, place, (channel) => post(api, channel, place, part)),
    upload: (place, file) =>
      inPlace(threads, place, (channel) => upload(api, channel, place.question, file)),
    async edit(place, reference, text) {
      const body = { content: text, allowed_mentions: NO_PINGS };
      await inEither(threads.channels(place), async (channel) => {
        const route = Routes.channelMessage(channel, reference);
        await api.request({ method: RequestMethod.Patch, route, body }, Anything);
      });
    },
    async remove(place, reference) {
      try {
        await inEither(threads.channels(place), async (channel) => {
          const route = Routes.channelMessage(channel, reference);
          await api.request({ method: RequestMethod.Delete, route }, Anything);
        });
      } catch (error) {
        // Somebody else was faster.
        if (!isOneOf(GONE, error)) throw error;
      }
    },
    async find(place, lookup) {
      let found: string | undefined;
      const me = await api.me();
      for (const channel of threads.channels(place)) {
        try {
          found ??= await find(api, channel, place, lookup, me);
        } catch (error) {
          // The thread need not have come about.
          if (place.opensThreadIn === undefined || !isOneOf(ELSEWHERE, error)) throw error;
        }
      }
      return found;
    },
    async showActivity(place, activity) {
      // Discord ends typing by itself: after 10 s, or with the next message.
      if (activity === undefined) return;
      const route = Routes.channelTyping(threads.current(place));
      try {
        await api.request({ method: RequestMethod.Post, route }, Anything);
      } catch (error) {
        log.debug({ error: messageOf(error) }, "typing was not shown");
      }
    },
  };
}

/** In the channel where the reply stands. */
async function inPlace<T>(
  threads: Threads,
  place: Place,
  send: (channel: string) => Promise<T>,
): Promise<T> {
  const channel = await threads.open(place);
  const parent = place.opensThreadIn;
  if (parent === undefined || channel === parent) return await send(channel);
  try {
    return await send(channel);
  } catch (error) {
    // Who may open a thread need not be allowed to write in it.
    if (!isOneOf(FORBIDDEN, error)) throw error;
    threads.giveUp(place);
    return await send(parent);
  }
}

async function post(
  api: Api,
  channel: string,
  { question }: Place,
  { text, nonce }: Part,
): Promise<string> {
  const route = Routes.channelMessages(channel);
  const body = {
    content: text,
    nonce,
    enforce_nonce: true,
    ...asReply(channel, question),
    // For a preview Discord would fetch an address that a model wrote.
    flags: MessageFlags.SuppressEmbeds,
  };
  const { id } = await api.request({ method: RequestMethod.Post, route, body }, Identified);
  return id;
}

/** In the first channel where this message is. In none of them: that it is gone says more than that a thread is. */
async function inEither(
  channels: readonly [string, ...string[]],
  call: (channel: string) => Promise<void>,
): Promise<void> {
  const [first, second] = channels;
  try {
    await call(first);
  } catch (error) {
    if (second === undefined || !isOneOf(ELSEWHERE, error)) throw error;
    try {
      await call(second);
    } catch (also) {
      throw isOneOf(GONE, error) && isOneOf(ELSEWHERE, also) ? error : also;
    }
  }
}

function isOneOf(codes: ReadonlySet<string>, error: unknown): boolean {
  return error instanceof PlatformRefused && codes.has(error.code);
}

/**
 * Looks among the bot's messages after the question: by the nonce where Discord still tells it,
 * else the oldest one that answers the question and is no part that is known already.
 */
async function find(
  api: Api,
  channel: string,
  { question }: Place,
  { nonce, known }: Lookup,
  me: string,
): Promise<string | undefined> {
  const route = Routes.channelMessages(channel);
  const replied = beginsThread(channel, question) ? undefined : question;
  let after = question;
  for (let page = 0; page < PAGES; page += 1) {
    const query = new URLSearchParams({ after, limit: String(PAGE) });
    const listed = await api.request({ method: RequestMethod.Get, route, query }, Listed);
    // Discord lists the newest first.
    const mine = listed
      .toReversed()
      .filter(({ id, author }) => author.id === me && !known.includes(id));
    const found =
      mine.find((message) => message.nonce === nonce) ??
      mine.find(
        // A part carries no file.
        ({ type, attachments, message_reference }) =>
          SAID.has(type) && attachments.length === 0 && message_reference?.message_id === replied,
      );
    if (found !== undefined) return found.id;
    const newest = listed[0];
    if (newest === undefined || listed.length < PAGE) return undefined;
    after = newest.id;
  }
  return undefined;
}
