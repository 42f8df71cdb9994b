import { messageObject } from "../payloads.ts";
import { Refusal } from "../refusal.ts";
import type { SlackChannel, SlackMessage } from "../world.ts";
import { type Answer, channelOf, type Context, type Handlers, joinedChannelOf } from "./context.ts";

type Served =
  | "conversations.history"
  | "conversations.info"
  | "conversations.members"
  | "conversations.open"
  | "conversations.replies";

interface Range {
  readonly cursor?: string;
  readonly limit?: number;
  readonly oldest?: string;
  readonly latest?: string;
  readonly inclusive?: boolean;
  readonly include_all_metadata?: boolean;
}

const PAGE = 100;
const LONGEST_PAGE = 999;

export const conversations: Handlers<Served> = {
  "conversations.history"(args, context) {
    const channel = joinedChannelOf(context, args.channel);
    const roots = [...context.world.messagesOf(channel.id).values()].filter(
      (message) =>
        message.thread_ts === undefined ||
        message.thread_ts === message.ts ||
        message.subtype === "thread_broadcast",
    );
    return page(context, within(roots, args).toReversed(), args);
  },
  "conversations.replies"(args, context) {
    const channel = joinedChannelOf(context, args.channel);
    const all = [...context.world.messagesOf(channel.id).values()];
    const root = all.find((message) => message.ts === args.ts);
    if (root === undefined) throw new Refusal("thread_not_found");
    const replies = all.filter(
      (message) => message.thread_ts === args.ts && message.ts !== args.ts,
    );
    // The root always comes along, whatever the range.
    return page(context, [root, ...within(replies, args)], args);
  },
  "conversations.info"(args, context) {
    return { channel: channelObject(channelOf(context, args.channel)) };
  },
  "conversations.members"(args, context) {
    return {
      members: [...channelOf(context, args.channel).members],
      response_metadata: { next_cursor: "" },
    };
  },
  "conversations.open"(args, context) {
    if ("channel" in args) return { channel: channelObject(channelOf(context, args.channel)) };
    const [user, ...more] = args.users.split(",");
    if (user === undefined || !context.world.users.has(user)) throw new Refusal("user_not_found");
    if (more.length > 0)
      throw new Refusal("invalid_arguments", ["[ERROR] group messages are not simulated"]);
    return { channel: channelObject(context.world.openIm(user)) };
  },
};

function within(
  messages: readonly SlackMessage[],
  { oldest = "0", latest, inclusive = false }: Range,
): SlackMessage[] {
  return messages.filter(({ ts }) => {
    const after = compare(ts, oldest) > 0 || (inclusive && ts === oldest);
    const before = latest === undefined || compare(ts, latest) < 0 || (inclusive && ts === latest);
    return after && before;
  });
}

function compare(left: string, right: string): number {
  return Number(left) - Number(right);
}

function page(
  context: Context,
  messages: readonly SlackMessage[],
  range: Range,
): Answer<"conversations.history"> {
  const limit = range.limit ?? PAGE;
  if (limit < 1 || limit > LONGEST_PAGE) throw new Refusal("invalid_limit");
  const start =
    range.cursor === undefined || range.cursor === ""
      ? 0
      : Number(range.cursor.replace("page-", ""));
  if (!Number.isInteger(start)) throw new Refusal("invalid_cursor");
  const end = start + limit;
  return {
    messages: messages
      .slice(start, end)
      .map((message) =>
        messageObject(context.world, context.base, message, range.include_all_metadata === true),
      ),
    has_more: end < messages.length,
    response_metadata: { next_cursor: end < messages.length ? `page-${end}` : "" },
  };
}

function channelObject({ id, name, type, user, topic }: SlackChannel) {
  return {
    id,
    is_im: type === "im",
    is_mpim: type === "mpim",
    is_channel: type === "channel",
    is_group: type === "group",
    is_private: type !== "channel",
    ...(user === undefined
      ? { name, topic: { value: topic, creator: "", last_set: 0 } }
      : { user }),
  };
}
