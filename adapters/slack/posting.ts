import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { PlatformRefused } from "../../src/errors.ts";
import type { Speaker } from "../../src/relay/platform.ts";
import { call } from "./errors.ts";
import { endStream } from "./live.ts";
import { markOf, type Unmarked } from "./marks.ts";

export type Posting = Pick<Speaker, "post" | "edit" | "remove">;

interface PostingOptions {
  readonly client: WebClient;
  readonly unmarked: Unmarked;
}

const Posted = z.object({ ts: z.string() });

/** What Slack answers to an edit and to a deletion while a stream is open. */
const STREAMING: ReadonlySet<string> = new Set(["cant_delete_message", "streaming_state_conflict"]);

export function createPosting({ client, unmarked }: PostingOptions): Posting {
  return {
    async post({ conversation }, { text, nonce }) {
      return call(async () => {
        const message = {
          channel: conversation.channel,
          markdown_text: text,
          ...(conversation.root !== undefined && { thread_ts: conversation.root }),
          metadata: markOf(nonce),
          unfurl_links: false,
          unfurl_media: false,
        };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not a window's.
        const answer = await client.chat.postMessage(message);
        return Posted.parse(answer).ts;
      });
    },
    async edit({ conversation: { channel } }, ts, text) {
      const nonce = unmarked.nonceOf(channel, ts);
      const mark = nonce === undefined ? {} : { metadata: markOf(nonce) };
      const update = { channel, ts, markdown_text: text, ...mark };
      await endingStreams(client, channel, ts, () => client.chat.update(update));
      unmarked.remove(channel, ts);
    },
    async remove({ conversation: { channel } }, ts) {
      try {
        await endingStreams(client, channel, ts, () => client.chat.delete({ channel, ts }));
      } catch (error) {
        // What is gone need not be removed: an earlier try may have done it and lost the answer.
        if (!(error instanceof PlatformRefused) || error.code !== "message_not_found") throw error;
      }
      unmarked.remove(channel, ts);
    },
  };
}

/** A stream that is still open, perhaps of a process that died, is ended before it is changed. */
async function endingStreams(
  client: WebClient,
  channel: string,
  ts: string,
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await call(change);
  } catch (error) {
    if (!(error instanceof PlatformRefused) || !STREAMING.has(error.code)) throw error;
    if (!(await endStream(client, channel, ts, undefined))) throw error;
    await call(change);
  }
}
