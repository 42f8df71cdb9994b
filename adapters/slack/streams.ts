import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Place } from "../../src/relay/message.ts";
import type { Part, Streamer } from "../../src/relay/platform.ts";
import type { Directory } from "./directory.ts";
import { call } from "./errors.ts";
import { createLive, words } from "./live.ts";
import type { Unmarked } from "./marks.ts";

/**
 * Where replies are streamed natively. auto: in direct messages, since in channels only the asker may see the text grow.
 * native: in channels too. edits: nowhere. Always in threads only: chat.startStream wants a thread_ts, and a thread of
 * its own below each question of a flat direct message would be another conversation.
 */
export type Streaming = "auto" | "native" | "edits";

/** Milliseconds. Slack ends a stream after about five minutes. */
const LIFE = 240_000;
/** Milliseconds for which Slack is not asked again where it does not stream. */
const REFUSED_FOR = 600_000;

/** Slack streams for nobody in this workspace: GovSlack, a setting, a scope. */
const FOR_NOBODY: ReadonlySet<string> = new Set([
  "access_denied",
  "feature_not_enabled",
  "missing_scope",
  "not_allowed_token_type",
  "not_authorized",
  "unknown_method",
]);
/** Slack does not stream to this person: somebody of another organisation (Slack Connect). */
const NOT_FOR_THEM: ReadonlySet<string> = new Set([
  "missing_recipient_team_id",
  "missing_recipient_user_id",
  "user_not_found",
]);

interface Streams {
  readonly stream: Streamer["stream"];
  /** Whether a reply there may be streamed, as far as the setting and the place tell. */
  readonly fits: (place: Place) => boolean;
}

interface StreamsOptions {
  readonly client: WebClient;
  readonly directory: Directory;
  readonly streaming: Streaming;
  readonly unmarked: Unmarked;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const Started = z.object({ ts: z.string() });

export function createStreams(options: StreamsOptions): Streams {
  const { client, directory, streaming, unmarked, log, now = Date.now } = options;
  const refused = new Map<string, number>();

  const fits = ({ conversation: { channel, root } }: Place): boolean =>
    root !== undefined && (streaming === "native" || (streaming === "auto" && channel[0] === "D"));
  const isRefused = (key: string): boolean => {
    if ((refused.get(key) ?? 0) > now()) return true;
    refused.delete(key);
    return false;
  };
  const remember = ({ conversation: { workspace }, asker }: Place, code: string): void => {
    log.debug({ code }, "Slack does not stream a reply natively");
    if (FOR_NOBODY.has(code)) refused.set(workspace, now() + REFUSED_FOR);
    if (NOT_FOR_THEM.has(code)) refused.set(asker.id, now() + REFUSED_FOR);
  };

  return {
    fits,
    async stream(place, part) {
      const { conversation, asker } = place;
      if (!fits(place) || asker.id === "") return undefined;
      if (isRefused(conversation.workspace) || isRefused(asker.id)) return undefined;
      await directory.learn({ people: [asker.id] });
      const { channel, workspace } = conversation;
      const endsAt = now() + LIFE;
      try {
        const team = directory.profile(asker.id)?.team ?? workspace;
        const ts = await start(client, place, part, team);
        unmarked.add(channel, ts, part.nonce);
        const onMarked = (): void => unmarked.remove(channel, ts);
        return createLive({ client, channel, ts, nonce: part.nonce, endsAt, onMarked });
      } catch (error) {
        // A post, which comes next, tells whether the place itself is at fault.
        if (!(error instanceof PlatformRefused)) throw error;
        remember(place, error.code);
        return undefined;
      }
    },
  };
}

/** The recipient is wanted outside of direct messages; inside it does no harm. */
async function start(
  client: WebClient,
  { conversation: { channel, root = "" }, asker }: Place,
  { text }: Part,
  recipient_team_id: string,
): Promise<string> {
  return call(async () => {
    const answer = await client.chat.startStream({
      channel,
      thread_ts: root,
      recipient_user_id: asker.id,
      recipient_team_id,
      ...(text !== "" && { chunks: words(text) }),
    });
    return Started.parse(answer).ts;
  });
}
