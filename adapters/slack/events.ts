import { z } from "zod";
import type { Addressed, IncomingMessage } from "../../src/relay/message.ts";
import type { Directory } from "./directory.ts";
import type { Identity } from "./identity.ts";
import { attachmentsOf, Message, textOf, timeOf } from "./message.ts";
import { standingOf } from "./standing.ts";
import { mentionedIn } from "./text.ts";

/** What is read of app_mention and message events; everything else in them is left alone. */
export const MessageEvent = Message.extend({
  type: z.enum(["app_mention", "message"]),
  channel: z.string(),
  channel_type: z.string().optional(),
});

export type MessageEvent = z.infer<typeof MessageEvent>;

type Concern =
  | { readonly addressed: Addressed }
  /** Nothing to answer, and why, in words for a log. */
  | { readonly ignored: string };

const READ_SUBTYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  "file_share",
  "thread_broadcast",
]);

/**
 * Reads an app_mention or message event. Slack sends one mention as both, and redelivers either: all of them
 * give equal messages, because identity is team, channel and ts, and a message that names the bot counts as a mention.
 */
export function readMessage(
  event: MessageEvent,
  addressed: Addressed,
  bot: Identity,
  directory: Directory,
): IncomingMessage {
  const { channel, ts, thread_ts, user = "" } = event;
  const root = addressed === "direct" ? thread_ts : (thread_ts ?? ts);
  return {
    id: ts,
    conversation: {
      platform: "slack",
      workspace: bot.team,
      channel,
      ...(root !== undefined && { root }),
    },
    // A thread is one conversation in Slack, so there is no chain to follow.
    ancestors: [],
    author: { id: user, name: directory.user(user) ?? user },
    standing: standingOf(event, directory.profile(user), bot),
    where: directory.where(channel),
    text: textOf(event, bot, directory),
    sentAt: timeOf(ts),
    addressed,
    files: attachmentsOf(event, directory),
  };
}

/** How this event concerns the bot, or in words for a log why it does not; asks nobody. */
export function concernOf(event: MessageEvent, bot: Identity): Concern {
  const { subtype, hidden, user, bot_id, bot_profile } = event;
  if (hidden === true || !READ_SUBTYPES.has(subtype))
    return { ignored: `subtype ${subtype ?? "hidden"}` };
  if (user === bot.user || bot_id === bot.bot) return { ignored: "written by the bot itself" };
  if (bot_id || bot_profile) return { ignored: "written by another bot" };
  if (user === undefined || user === "USLACKBOT") return { ignored: "not written by a person" };
  return { addressed: addressedBy(event, bot) };
}

function addressedBy(event: MessageEvent, bot: Identity): Addressed {
  const { type, channel, channel_type, ts, thread_ts, text } = event;
  // app_mention carries no channel_type; the ids of direct messages begin with D.
  if (channel_type === "im" || channel.startsWith("D")) return "direct";
  if (type === "app_mention" || mentionedIn(text ?? "").includes(bot.user)) return "mention";
  return thread_ts !== undefined && thread_ts !== ts ? "thread" : "channel";
}
