import type { types } from "@slack/bolt";
import { messageObject } from "../payloads.ts";
import { Refusal } from "../refusal.ts";
import type { SlackMessage } from "../world.ts";
import { hasExpired } from "./chat.ts";
import { checkThread, type Context, type Handlers, joinedChannelOf, messageOf } from "./context.ts";

const SESSION_STATUSES: readonly string[] = ["active", "processing", "suspended", "closed"];

export const streams: Handlers<
  "chat.startStream" | "chat.appendStream" | "chat.stopStream" | "agents.sessions.setStatus"
> = {
  "chat.startStream"(args, context) {
    const channel = joinedChannelOf(context, args.channel);
    checkThread(context, channel.id, args.thread_ts);
    if (channel.type !== "im")
      checkRecipient(context, args.recipient_user_id, args.recipient_team_id);
    const message = context.traffic.post({
      channel: channel.id,
      user: context.world.bot.user_id,
      text: wordsOf(args.markdown_text, args.chunks),
      thread_ts: args.thread_ts,
      streaming: true,
    });
    return { channel: channel.id, ts: message.ts };
  },
  "chat.appendStream"(args, context) {
    const message = openStreamOf(context, args.channel, args.ts);
    append(context, message, wordsOf(args.markdown_text, args.chunks));
    return { channel: message.channel, ts: message.ts };
  },
  "chat.stopStream"(args, context) {
    const message = openStreamOf(context, args.channel, args.ts);
    if (message.stream !== undefined) message.stream.open = false;
    if (args.metadata !== undefined) message.metadata = args.metadata;
    if (args.blocks !== undefined) message.blocks = args.blocks;
    if (args.session_status !== undefined) {
      setSession(context, message.channel, message.thread_ts ?? message.ts, args.session_status);
    }
    append(context, message, wordsOf(args.markdown_text, args.chunks));
    const shown = messageObject(context.world, context.base, message, true);
    return { channel: message.channel, ts: message.ts, message: shown };
  },
  "agents.sessions.setStatus"(args, context) {
    const channel = joinedChannelOf(context, args.channel_id);
    checkThread(context, channel.id, args.thread_ts);
    setSession(context, channel.id, args.thread_ts ?? "", args.status);
    return {};
  },
};

function setSession(context: Context, channel: string, thread_ts: string, status: string): void {
  if (!SESSION_STATUSES.includes(status))
    throw new Refusal("invalid_arguments", [`[ERROR] ${status} is no status`]);
  context.world.sessions.set(`${channel} ${thread_ts}`, status);
  context.changes.emit({ type: "status", channel, thread_ts, status });
}

function openStreamOf(context: Context, channel: string, ts: string): SlackMessage {
  const message = messageOf(context, channel, ts);
  if (message.stream?.stoppedByUser === true) throw new Refusal("stopped_by_user");
  if (message.stream?.open !== true || hasExpired(context, message.stream.startedAt)) {
    throw new Refusal("message_not_in_streaming_state");
  }
  return message;
}

function append(context: Context, message: SlackMessage, words: string): void {
  context.traffic.edit(message, context.world.bot.user_id, { text: message.text + words });
}

function checkRecipient(
  { world }: Context,
  user: string | undefined,
  team: string | undefined,
): void {
  if (user === undefined) throw new Refusal("missing_recipient_user_id");
  if (team === undefined) throw new Refusal("missing_recipient_team_id");
  // People from another organisation are not found, as in Slack Connect.
  if (world.users.get(user)?.team_id !== world.team.id) throw new Refusal("user_not_found");
}

function wordsOf(
  markdown: string | undefined,
  chunks: readonly types.AnyChunk[] | undefined,
): string {
  return (
    (markdown ?? "") + (chunks ?? []).map((chunk) => ("text" in chunk ? chunk.text : "")).join("")
  );
}
