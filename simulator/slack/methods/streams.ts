import type { types } from "@slack/bolt";
import { messageObject } from "../payloads.ts";
import { Refusal } from "../refusal.ts";
import { isStreaming, type Stream } from "../stream.ts";
import { type SlackMessage, threadKey } from "../world.ts";
import { checkThread, type Context, type Handlers, joinedChannelOf, messageOf } from "./context.ts";

const SESSION_STATUSES: readonly string[] = ["active", "processing", "suspended", "closed"];

export const streams: Handlers<
  "chat.startStream" | "chat.appendStream" | "chat.stopStream" | "agents.sessions.setStatus"
> = {
  "chat.startStream"(args, context) {
    const channel = joinedChannelOf(context, args.channel);
    checkThread(context, channel.id, args.thread_ts);
    checkRecipient(context, channel.type, args.recipient_user_id, args.recipient_team_id);
    const stream: Stream = {
      expiresAt: Date.now() + context.streamLifetime,
      open: true,
      stoppedByUser: false,
      tasks: new Map(),
    };
    const text = wordsOf(stream, args);
    const message = context.traffic.post({
      channel: channel.id,
      user: context.world.bot.user_id,
      text,
      thread_ts: args.thread_ts,
      stream,
    });
    return { channel: channel.id, ts: message.ts };
  },
  "chat.appendStream"(args, context) {
    const { message, stream } = openStreamOf(context, args.channel, args.ts);
    if (args.markdown_text === undefined && args.chunks === undefined) throw new Refusal("no_text");
    append(context, message, wordsOf(stream, args));
    return { channel: message.channel, ts: message.ts };
  },
  "chat.stopStream"(args, context) {
    const { message, stream } = openStreamOf(context, args.channel, args.ts);
    const last = wordsOf(stream, args);
    stream.open = false;
    if (args.metadata !== undefined) message.metadata = args.metadata;
    if (args.blocks !== undefined) message.blocks = args.blocks;
    if (args.session_status !== undefined) {
      setSession(context, message.channel, message.thread_ts ?? message.ts, args.session_status);
    }
    append(context, message, last);
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
  context.world.sessions.set(threadKey(channel, thread_ts), status);
  context.changes.emit({ type: "status", channel, thread_ts, status });
}

function openStreamOf(
  context: Context,
  channel: string,
  ts: string,
): { readonly message: SlackMessage; readonly stream: Stream } {
  const message = messageOf(context, channel, ts);
  const { stream } = message;
  if (stream?.stoppedByUser === true) throw new Refusal("stopped_by_user");
  if (stream === undefined || !isStreaming(message))
    throw new Refusal("message_not_in_streaming_state");
  return { message, stream };
}

function append(context: Context, message: SlackMessage, words: string): void {
  const change = words === "" ? {} : { text: message.text + words };
  context.traffic.edit(message, context.world.bot.user_id, change);
}

function checkRecipient(
  { world }: Context,
  type: string,
  user: string | undefined,
  team: string | undefined,
): void {
  if (type !== "im" && user === undefined) throw new Refusal("missing_recipient_user_id");
  if (type !== "im" && team === undefined) throw new Refusal("missing_recipient_team_id");
  // People from another organisation are not found, as in Slack Connect.
  if (user !== undefined && world.users.get(user)?.team_id !== world.team.id)
    throw new Refusal("user_not_found");
}

interface Payload {
  readonly markdown_text?: string;
  readonly chunks?: readonly types.AnyChunk[];
}

/** The words of a payload, which must be of the kind that the stream began with; tasks are put in their place. */
function wordsOf(stream: Stream, { markdown_text, chunks }: Payload): string {
  const mode = markdown_text === undefined ? (chunks === undefined ? undefined : "chunks") : "text";
  if (mode !== undefined) {
    stream.mode ??= mode;
    if (stream.mode !== mode) throw new Refusal("streaming_mode_mismatch");
  }
  let words = markdown_text ?? "";
  for (const chunk of chunks ?? []) {
    if ("text" in chunk) words += chunk.text;
    if (chunk.type === "task_update" && "status" in chunk)
      stream.tasks.set(chunk.id, { title: chunk.title, status: chunk.status });
  }
  return words;
}
