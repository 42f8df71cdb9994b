import { threadKey } from "../world.ts";
import { checkThread, type Handlers, joinedChannelOf } from "./context.ts";

export const assistant: Handlers<
  | "assistant.threads.setStatus"
  | "assistant.threads.setSuggestedPrompts"
  | "assistant.threads.setTitle"
> = {
  "assistant.threads.setStatus"(args, context) {
    const channel = joinedChannelOf(context, args.channel_id);
    checkThread(context, channel.id, args.thread_ts);
    context.traffic.setStatus(channel.id, args.thread_ts, args.status);
    return {};
  },
  "assistant.threads.setSuggestedPrompts"(args, context) {
    const channel = joinedChannelOf(context, args.channel_id);
    // The app has agent_view, and to such an app thread_ts makes the call do nothing, without a word.
    if (args.thread_ts !== undefined) return {};
    context.world.prompts.set(channel.id, {
      prompts: args.prompts,
      ...(args.title !== undefined && { title: args.title }),
    });
    context.changes.emit({ type: "prompts", channel: channel.id });
    return {};
  },
  "assistant.threads.setTitle"(args, context) {
    const channel = joinedChannelOf(context, args.channel_id);
    checkThread(context, channel.id, args.thread_ts);
    context.world.titles.set(threadKey(channel.id, args.thread_ts), args.title);
    return {};
  },
};
