import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { messageOf, PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Lookup, Part, Place } from "../../src/relay/platform.ts";
import { call } from "./errors.ts";
import type { Identity } from "./identity.ts";

/** The metadata under which a part's nonce is kept on the message, invisible to people. */
const EVENT_TYPE = "patchbay_part";
/** Messages on one page of a lookup; Slack recommends no more than 200. */
const PAGE = 200;
/** Pages that one lookup reads at most: what was posted lies close after its question. */
const PAGES = 10;

export interface Posting {
  post(place: Place, part: Part): Promise<string>;
  edit(place: Place, reference: string, text: string): Promise<void>;
  remove(place: Place, reference: string): Promise<void>;
  find(place: Place, lookup: Lookup): Promise<string | undefined>;
  showActivity(place: Place, activity: string | undefined): Promise<void>;
}

interface PostingOptions {
  readonly client: WebClient;
  readonly identity: () => Identity | undefined;
  readonly log: Log;
}

const Posted = z.object({ ts: z.string() });

const Page = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        user: z.string().optional(),
        bot_id: z.string().optional(),
        metadata: z
          .object({
            event_type: z.string(),
            event_payload: z.object({ nonce: z.string().optional() }),
          })
          .partial()
          .optional(),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export function createPosting({ client, identity, log }: PostingOptions): Posting {
  return {
    async post({ conversation }, { text, nonce }) {
      return call(async () => {
        const message = {
          channel: conversation.channel,
          markdown_text: text,
          ...(conversation.root !== undefined && { thread_ts: conversation.root }),
          metadata: { event_type: EVENT_TYPE, event_payload: { nonce } },
          unfurl_links: false,
          unfurl_media: false,
        };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not a window's.
        const answer = await client.chat.postMessage(message);
        return Posted.parse(answer).ts;
      });
    },
    async edit({ conversation }, reference, text) {
      await call(() =>
        client.chat.update({ channel: conversation.channel, ts: reference, markdown_text: text }),
      );
    },
    async remove({ conversation }, reference) {
      try {
        await call(() => client.chat.delete({ channel: conversation.channel, ts: reference }));
      } catch (error) {
        // What is gone need not be removed: an earlier try may have done it and lost the answer.
        if (!(error instanceof PlatformRefused) || error.code !== "message_not_found") throw error;
      }
    },
    async find(place, { nonce }) {
      const own = identity();
      let cursor: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const { messages, response_metadata } = await call(() => readPage(client, place, cursor));
        const found = messages.find(
          ({ user, bot_id, metadata }) =>
            (user === own?.user || bot_id === own?.bot) &&
            metadata?.event_type === EVENT_TYPE &&
            metadata.event_payload?.nonce === nonce,
        );
        if (found !== undefined) return found.ts;
        cursor = response_metadata?.next_cursor;
        if (cursor === undefined || cursor === "") return undefined;
      }
      return undefined;
    },
    async showActivity({ conversation, question }, activity) {
      try {
        await client.assistant.threads.setStatus({
          channel_id: conversation.channel,
          thread_ts: conversation.root ?? question,
          status: activity ?? "",
        });
      } catch (error) {
        log.debug({ reason: messageOf(error) }, "Slack did not take the activity");
      }
    },
  };
}

/** The messages after the question, where the reply to it goes. */
async function readPage(
  client: WebClient,
  { conversation, question }: Place,
  cursor: string | undefined,
) {
  const range = {
    channel: conversation.channel,
    oldest: question,
    include_all_metadata: true,
    limit: PAGE,
    ...(cursor !== undefined && { cursor }),
  };
  const answer =
    conversation.root === undefined
      ? await client.conversations.history(range)
      : await client.conversations.replies({ ...range, ts: conversation.root });
  return Page.parse(answer);
}
