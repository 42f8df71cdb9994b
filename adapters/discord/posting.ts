import { MessageFlags, RequestMethod, Routes } from "discord.js";
import { z } from "zod";

import { messageOf, PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Lookup, Place, Platform } from "../../src/relay/platform.ts";
import type { Api } from "./api.ts";

/** Nobody is pinged, by an edit neither: without this, Discord reads the mentions of an edit again. */
const NO_PINGS = { parse: [], replied_user: false } as const;

/** Discord's code for a message that is gone. */
const UNKNOWN_MESSAGE = "10008";

/** Messages after the question that are searched for a part: ten pages of the largest size. */
const PAGE = 100;
const PAGES = 10;

const Anything = z.unknown();
const Identified = z.object({ id: z.string() });
const Listed = z.array(
  z.object({
    id: z.string(),
    author: Identified,
    nonce: z.union([z.string(), z.number()]).optional(),
    message_reference: z.object({ message_id: z.string().optional() }).optional(),
  }),
);

type Posting = Pick<Platform, "post" | "edit" | "remove" | "find" | "showActivity">;

/** Everything that is written to Discord. Needs no gateway. */
export function createPosting(api: Api, log: Log): Posting {
  return {
    async post({ conversation, question }, { text, nonce }) {
      const route = Routes.channelMessages(conversation.channel);
      const body = {
        content: text,
        nonce,
        enforce_nonce: true,
        // Every part replies to the question: so it is found again long after Discord forgot its nonce.
        message_reference: { message_id: question, fail_if_not_exists: false },
        allowed_mentions: NO_PINGS,
        // For a preview Discord would fetch an address that a model wrote.
        flags: MessageFlags.SuppressEmbeds,
      };
      const { id } = await api.request({ method: RequestMethod.Post, route, body }, Identified);
      return id;
    },
    async edit({ conversation }, reference, text) {
      const route = Routes.channelMessage(conversation.channel, reference);
      const body = { content: text, allowed_mentions: NO_PINGS };
      await api.request({ method: RequestMethod.Patch, route, body }, Anything);
    },
    async remove({ conversation }, reference) {
      const route = Routes.channelMessage(conversation.channel, reference);
      try {
        await api.request({ method: RequestMethod.Delete, route }, Anything);
      } catch (error) {
        // Somebody else was faster.
        if (error instanceof PlatformRefused && error.code === UNKNOWN_MESSAGE) return;
        throw error;
      }
    },
    find: (place, lookup) => find(api, place, lookup),
    async showActivity({ conversation }, activity) {
      // Discord ends typing by itself: after 10 s, or with the next message.
      if (activity === undefined) return;
      const route = Routes.channelTyping(conversation.channel);
      try {
        await api.request({ method: RequestMethod.Post, route }, Anything);
      } catch (error) {
        log.debug({ error: messageOf(error) }, "typing was not shown");
      }
    },
  };
}

/**
 * Looks among the bot's messages after the question: by the nonce where Discord still tells it,
 * else the oldest one that replies to the question and is no part that is known already.
 */
async function find(
  api: Api,
  { conversation, question }: Place,
  { nonce, known }: Lookup,
): Promise<string | undefined> {
  const self = { method: RequestMethod.Get, route: Routes.user("@me") };
  const me = (await api.request(self, Identified)).id;
  const route = Routes.channelMessages(conversation.channel);
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
      mine.find(({ message_reference }) => message_reference?.message_id === question);
    if (found !== undefined) return found.id;
    const newest = listed[0];
    if (newest === undefined || listed.length < PAGE) return undefined;
    after = newest.id;
  }
  return undefined;
}
