import { MessageFlags, MessageType, RequestMethod, Routes } from "discord.js";
import { z } from "zod";

import { messageOf, PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Lookup, Part, Place, Speaker } from "../../src/relay/platform.ts";
import { Anything, type Api, Identified } from "./api.ts";
import type { Threads } from "./threads.ts";

/** Nobody is pinged, by an edit neither: without this, Discord reads the mentions of an edit again. */
export const NO_PINGS = { parse: [], replied_user: false } as const;

/** Discord's codes for a message or a channel that is gone or was never there, and for one that is out of reach. */
const UNKNOWN_MESSAGE = "10008";
const ELSEWHERE: ReadonlySet<string> = new Set([
  UNKNOWN_MESSAGE,
  "10003",
  "50001",
  "50013",
  "http_404",
]);
const FORBIDDEN: ReadonlySet<string> = new Set(["50001", "50013"]);

/** Messages after the question that are searched for a part: ten pages of the largest size. */
const PAGE = 100;
const PAGES = 10;

const Listed = z.array(
  z.object({
    id: z.string(),
    type: z.number().optional(),
    author: Identified,
    nonce: z.union([z.string(), z.number()]).optional(),
    message_reference: z.object({ message_id: z.string().optional() }).optional(),
  }),
);

type Posting = Pick<Speaker, "post" | "edit" | "remove" | "find" | "showActivity">;

/** Everything that is written to Discord. Needs no gateway. */
export function createPosting(api: Api, threads: Threads, log: Log): Posting {
  return {
    async post(place, part) {
      const channel = await threads.open(place);
      const parent = place.opensThreadIn;
      if (parent === undefined || channel === parent) return await post(api, channel, place, part);
      try {
        return await post(api, channel, place, part);
      } catch (error) {
        // Who may open a thread need not be allowed to write in it.
        if (!isOneOf(FORBIDDEN, error)) throw error;
        threads.giveUp(place);
        return await post(api, parent, place, part);
      }
    },
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
        if (error instanceof PlatformRefused && error.code === UNKNOWN_MESSAGE) return;
        throw error;
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
    // Every part replies to the question: so it is found again long after Discord forgot its nonce.
    ...(!beginsThread(channel, question) && {
      message_reference: { message_id: question, fail_if_not_exists: false },
    }),
    allowed_mentions: NO_PINGS,
    // For a preview Discord would fetch an address that a model wrote.
    flags: MessageFlags.SuppressEmbeds,
  };
  const { id } = await api.request({ method: RequestMethod.Post, route, body }, Identified);
  return id;
}

/** In the thread that its question began, an answer can reply to nothing: the question stands outside. */
function beginsThread(channel: string, question: string): boolean {
  return channel === question;
}

/** In the first channel where this message is; what the last one says is the outcome. */
async function inEither(
  channels: readonly [string, ...string[]],
  call: (channel: string) => Promise<void>,
): Promise<void> {
  const [first, second] = channels;
  try {
    await call(first);
  } catch (error) {
    if (second === undefined || !isOneOf(ELSEWHERE, error)) throw error;
    await call(second);
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
        ({ type = MessageType.Default, message_reference }) =>
          (type === MessageType.Default || type === MessageType.Reply) &&
          message_reference?.message_id === replied,
      );
    if (found !== undefined) return found.id;
    const newest = listed[0];
    if (newest === undefined || listed.length < PAGE) return undefined;
    after = newest.id;
  }
  return undefined;
}
