import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Place } from "../../src/relay/message.ts";
import type { Speaker } from "../../src/relay/platform.ts";
import { call } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { endStream } from "./live.ts";
import { EVENT_TYPE, type Unmarked } from "./marks.ts";

/** Messages on one page; Slack recommends no more than 200. */
const PAGE = 200;
/** Pages that are read at most: what was posted lies close after its question. */
const PAGES = 10;

interface FindOptions {
  readonly client: WebClient;
  readonly identity: () => Identity | undefined;
  readonly unmarked: Unmarked;
}

const Metadata = z
  .object({
    event_type: z.string(),
    event_payload: z.object({ nonce: z.string().optional() }),
  })
  .partial();

const Posted = z.object({
  ts: z.string(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  metadata: Metadata.optional(),
  edited: z.unknown().optional(),
  /** in_progress, completed or errored, on messages that began as streams. */
  streaming_state: z.string().optional(),
});

const Page = z.object({
  messages: z.array(Posted).default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/**
 * Looks for the part's nonce, then for a stream. A stream has no nonce from its start, so one in doubt is the bot's
 * newest after the question that carries none, was never edited and is no known part. It is ended and marked, so that
 * it can be edited like any other part.
 */
export function createFind({ client, identity, unmarked }: FindOptions): Speaker["find"] {
  return async (place, { nonce, known }) => {
    const own = identity();
    const { channel } = place.conversation;
    const streams: string[] = [];
    const unsigned: string[] = [];
    for await (const message of messagesAfter(client, place)) {
      const { ts, user, bot_id, metadata, edited, streaming_state } = message;
      if (own === undefined || (user !== own.user && bot_id !== own.bot)) continue;
      const isMarked = metadata?.event_type === EVENT_TYPE;
      if (isMarked && metadata.event_payload?.nonce === nonce) return ts;
      const isStream = streaming_state !== undefined && !isMarked && edited === undefined;
      if (isStream && !known.includes(ts)) streams.push(ts);
      // Some servers keep no metadata: then an own message that no ledger knows is the part in doubt.
      if (metadata === undefined && !isStream && !known.includes(ts)) unsigned.push(ts);
    }
    const stream = newest(streams);
    if (stream === undefined) return newest(unsigned);
    const isMarkedNow = await endStream(client, channel, stream, nonce);
    if (!isMarkedNow) unmarked.add(channel, stream, nonce);
    return stream;
  };
}

function newest(found: readonly string[]): string | undefined {
  return found.toSorted((left, right) => Number(right) - Number(left))[0];
}

/** What stands after the question, where the reply to it goes. */
async function* messagesAfter(
  client: WebClient,
  { conversation: { channel, root }, question }: Place,
): AsyncGenerator<z.infer<typeof Posted>, void> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const range = {
      channel,
      oldest: question,
      include_all_metadata: true,
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    };
    const { messages, response_metadata } = await call(async () =>
      Page.parse(
        root === undefined
          ? await client.conversations.history(range)
          : await client.conversations.replies({ ...range, ts: root }),
      ),
    );
    yield* messages;
    cursor = response_metadata?.next_cursor;
    if (cursor === undefined || cursor === "") return;
  }
}
