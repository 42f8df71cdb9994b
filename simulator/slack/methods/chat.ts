import { messageObject } from "../payloads.ts";
import { Refusal } from "../refusal.ts";
import type { types } from "@slack/bolt";
import { isStreaming } from "../stream.ts";
import { channelOf, checkThread, type Handlers, joinedChannelOf, messageOf } from "./context.ts";

/** Slack cuts longer texts of chat.postMessage. */
const TEXT_CUT = 40_000;

interface Contents {
  readonly text?: string;
  readonly markdown_text?: string;
  readonly blocks?: readonly types.AnyBlock[];
}

export const chat: Handlers<
  "chat.postMessage" | "chat.update" | "chat.delete" | "chat.postEphemeral"
> = {
  "chat.postMessage"(args, context) {
    const channel = joinedChannelOf(context, args.channel);
    checkThread(context, channel.id, args.thread_ts);
    const { text, blocks } = contentsOf(args);
    const metadata = metadataOf(args.metadata);
    const message = context.traffic.post({
      channel: channel.id,
      user: context.world.bot.user_id,
      text: (text ?? "").slice(0, TEXT_CUT),
      ...(blocks !== undefined && { blocks }),
      ...(args.thread_ts !== undefined && { thread_ts: args.thread_ts }),
      ...(args.reply_broadcast === true && { subtype: "thread_broadcast" as const }),
      ...(metadata !== undefined && { metadata }),
    });
    const shown = messageObject(context.world, context.base, message, true);
    return { channel: channel.id, ts: message.ts, message: shown };
  },
  "chat.update"(args, context) {
    const message = messageOf(context, args.channel, args.ts);
    if (message.user !== context.world.bot.user_id) throw new Refusal("cant_update_message");
    if (isStreaming(message)) throw new Refusal("streaming_state_conflict");
    if (args.metadata !== undefined) message.metadata = args.metadata;
    context.traffic.edit(message, context.world.bot.user_id, contentsOf(args));
    const { channel, ts, text, user } = message;
    return { channel, ts, text, message: { type: "message", user, text } };
  },
  "chat.delete"(args, context) {
    const message = messageOf(context, args.channel, args.ts);
    if (message.user !== context.world.bot.user_id || isStreaming(message))
      throw new Refusal("cant_delete_message");
    context.traffic.remove(message);
    return { channel: message.channel, ts: message.ts };
  },
  "chat.postEphemeral"(args, context) {
    const channel = channelOf(context, args.channel);
    if (!channel.members.has(args.user)) throw new Refusal("user_not_in_channel");
    const { text = "" } = contentsOf(args);
    context.changes.emit({ type: "ephemeral", channel: channel.id, user: args.user, text });
    return { message_ts: context.world.nextTs() };
  },
};

function contentsOf(args: object): { text?: string; blocks?: readonly types.AnyBlock[] } {
  const { text, markdown_text, blocks }: Contents = args;
  const words = markdown_text ?? text;
  return { ...(words !== undefined && { text: words }), ...(blocks !== undefined && { blocks }) };
}

function metadataOf(
  metadata: Partial<types.MessageMetadata> | undefined,
): types.MessageMetadata | undefined {
  if (metadata?.event_type === undefined || metadata.event_payload === undefined) return undefined;
  return { event_type: metadata.event_type, event_payload: metadata.event_payload };
}
