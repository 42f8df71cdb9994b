import type { WebClient } from "@slack/web-api";
import type { Changes } from "../changes.ts";
import { Refusal } from "../refusal.ts";
import type { Method, Requests } from "../requests.ts";
import type { Traffic } from "../traffic.ts";
import type { SlackChannel, SlackMessage, World } from "../world.ts";

/** What a method works on. */
export interface Context {
  readonly world: World;
  readonly traffic: Traffic;
  readonly changes: Changes;
  /** The simulator's own URL, without a slash at the end. */
  readonly base: string;
  /** Milliseconds after which an open stream expires. */
  readonly streamLifetime: number;
  /** A URL for one Socket Mode connection. */
  invite(): string;
}

/** What Slack's own client says the method answers with. */
export type Answer<M extends Method> =
  Reach<WebClient, M> extends (...args: never[]) => Promise<infer Result> ? Partial<Result> : never;

type Reach<Root, Path extends string> = Path extends `${infer Head}.${infer Tail}`
  ? Head extends keyof Root
    ? Reach<Root[Head], Tail>
    : never
  : Path extends keyof Root
    ? Root[Path]
    : never;

/** A method's arguments are valid when it is called; what it refuses, it throws as a Refusal. */
export type Handlers<M extends Method> = {
  readonly [Key in M]: (args: Requests[Key], context: Context) => Answer<Key>;
};

export function channelOf({ world }: Context, id: string): SlackChannel {
  const channel = world.channels.get(id);
  // chat.postMessage takes a person's id for the direct messages with that person.
  if (channel === undefined && world.users.has(id)) return world.openIm(id);
  if (channel === undefined) throw new Refusal("channel_not_found");
  return channel;
}

export function joinedChannelOf(context: Context, id: string): SlackChannel {
  const channel = channelOf(context, id);
  if (!channel.members.has(context.world.bot.user_id)) {
    throw new Refusal(channel.type === "channel" ? "not_in_channel" : "channel_not_found");
  }
  return channel;
}

export function messageOf(context: Context, channel: string, ts: string): SlackMessage {
  const message = context.world.messagesOf(channelOf(context, channel).id).get(ts);
  if (message === undefined) throw new Refusal("message_not_found");
  return message;
}

/** A thread's root must exist and must not be a reply itself. */
export function checkThread(
  context: Context,
  channel: string,
  thread_ts: string | undefined,
): void {
  if (thread_ts === undefined) return;
  const root = context.world.messagesOf(channelOf(context, channel).id).get(thread_ts);
  if (root === undefined) throw new Refusal("thread_not_found");
  if (root.thread_ts !== undefined && root.thread_ts !== root.ts)
    throw new Refusal("cannot_reply_to_message");
}
