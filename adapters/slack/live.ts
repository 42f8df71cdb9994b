import type { types } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import { PlatformRefused } from "../../src/errors.ts";
import type { LiveStream } from "../../src/relay/platform.ts";
import { FEEDBACK } from "./buttons.ts";
import { call, translate } from "./errors.ts";
import { markOf } from "./marks.ts";

/** A stream that Slack has open, and how it ends. */

/** Characters of a task's title. */
const TITLE = 256;

/** Codes that say that a stream takes no more. */
const ENDED: ReadonlySet<string> = new Set([
  "message_not_in_streaming_state",
  "stopped_by_user",
  "streaming_mode_mismatch",
  "streaming_state_conflict",
]);

interface Opened {
  readonly client: WebClient;
  readonly channel: string;
  readonly ts: string;
  readonly nonce: string;
  readonly endsAt: number;
  /** The message carries its nonce from now on. */
  readonly onMarked: () => void;
}

/**
 * One writer: what is asked for while a request is under way waits for it, because Slack appends in the order in which
 * requests arrive. Everything goes as chunks: the first payload settles whether a stream takes text or chunks, and only
 * with chunks can it show tasks.
 */
export function createLive({ client, channel, ts, nonce, endsAt, onMarked }: Opened): LiveStream {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async (request: () => Promise<unknown>): Promise<void> => {
    const mine = last.then(() => callOn(request));
    last = mine.catch(() => {});
    await mine;
  };
  return {
    reference: ts,
    endsAt,
    async append(text) {
      if (text === "") return;
      await inTurn(() => client.chat.appendStream({ channel, ts, chunks: words(text) }));
    },
    showTask: ({ id, title, status }) =>
      inTurn(() =>
        client.chat.appendStream({
          channel,
          ts,
          chunks: [{ type: "task_update", id, title: plain(title), status }],
        }),
      ),
    stop: (text) =>
      inTurn(async () => {
        await client.chat.stopStream({
          channel,
          ts,
          ...(text !== "" && { chunks: words(text) }),
          blocks: [FEEDBACK],
          metadata: markOf(nonce),
        });
        onMarked();
      }),
  };
}

export function words(text: string): types.MarkdownTextChunk[] {
  return [{ type: "markdown_text", text }];
}

/** Ends a stream from outside, as it is. One that takes no more has ended already. Resolves with whether it was open. */
export async function endStream(
  client: WebClient,
  channel: string,
  ts: string,
  nonce: string | undefined,
): Promise<boolean> {
  try {
    const mark = nonce === undefined ? {} : { metadata: markOf(nonce) };
    await call(() => client.chat.stopStream({ channel, ts, ...mark }));
    return true;
  } catch (error) {
    if (error instanceof PlatformRefused && ENDED.has(error.code)) return false;
    throw error;
  }
}

async function callOn(request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    const translated = translate(error);
    if (!(translated instanceof PlatformRefused) || !ENDED.has(translated.code)) throw translated;
    const message = `Slack has ended the stream (${translated.code}).`;
    throw new PlatformRefused(message, "stream_ended", { cause: translated });
  }
}

/** Slack does not say whether it reads tokens in titles; without angle brackets there is none. */
function plain(title: string): string {
  const safe = title.replaceAll("<", "‹").replaceAll(">", "›");
  if (safe.length <= TITLE) return safe;
  return `${safe.slice(0, TITLE - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
