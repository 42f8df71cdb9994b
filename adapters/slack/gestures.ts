import { z } from "zod";
import type { Gesture, Person, Spot } from "../../src/relay/message.ts";
import { FEEDBACK_ACTION, STOP_ACTION } from "./buttons.ts";
import type { Directory, Subjects } from "./directory.ts";
import { concernOf, MessageEvent, readMessage } from "./events.ts";
import type { Identity } from "./identity.ts";
import { Message, subjectsOf } from "./message.ts";

/** What people do about something that was said earlier: pure readings, which throw a ZodError for unknown shapes. */

export type Noticing =
  | {
      readonly channel: string;
      /** What Slack must be asked about before it is read. */
      readonly subjects: Subjects;
      readonly read: (directory: Directory) => readonly Gesture[];
    }
  /** Nothing to tell, and why, in words for a log. */
  | { readonly ignored: string };

/** 🛑 and ⏹. Not ✋: people raise a hand to volunteer, too. */
const STOPS: ReadonlySet<string> = new Set(["black_square_for_stop", "octagonal_sign"]);
/** 🔁 and 🔄. */
const REPEATS: ReadonlySet<string> = new Set(["arrows_counterclockwise", "repeat"]);
/** 👍 and 👎, by both names that Slack has for them. */
const OPINIONS: Readonly<Record<string, "good" | "bad">> = {
  "+1": "good",
  thumbsup: "good",
  "-1": "bad",
  thumbsdown: "bad",
};

const Changed = z.object({
  channel: z.string(),
  channel_type: z.string().optional(),
  message: Message.extend({ edited: z.unknown().optional() }),
  previous_message: Message.optional().catch(undefined),
});

const Deleted = z.object({
  channel: z.string(),
  deleted_ts: z.string(),
  previous_message: Message.optional().catch(undefined),
});

/** message_changed. Slack sends it for unfurled links, new replies and our own edits, too: only other words count. */
export function noticeChange(payload: unknown, bot: Identity): Noticing {
  const { message, previous_message, ...place } = Changed.parse(payload);
  // The root of a thread that has replies stays, empty, when it is deleted.
  if (message.subtype === "tombstone")
    return deletion(place.channel, message.ts, previous_message, bot);
  const isSame =
    previous_message === undefined
      ? message.edited === undefined
      : previous_message.text === message.text;
  if (isSame) return { ignored: "changed in no word" };
  const event: MessageEvent = { ...message, ...place, type: "message" };
  const concern = concernOf(event, bot);
  if ("ignored" in concern) return concern;
  return {
    channel: event.channel,
    subjects: subjectsOf(event),
    read: (directory) => [
      { type: "edited", message: readMessage(event, concern.addressed, bot, directory) },
    ],
  };
}

/** message_deleted. Our own deletions are ignored. */
export function noticeDeletion(payload: unknown, bot: Identity): Noticing {
  const { channel, deleted_ts, previous_message } = Deleted.parse(payload);
  return deletion(channel, deleted_ts, previous_message, bot);
}

function deletion(
  channel: string,
  ts: string,
  previous: Message | undefined,
  bot: Identity,
): Noticing {
  const concern = previous && concernOf({ ...previous, type: "message", channel }, bot);
  if (concern !== undefined && "ignored" in concern) return concern;
  const gesture: Gesture = { type: "deleted", spot: spotOf(channel, bot), message: ts };
  return { channel, subjects: {}, read: () => [gesture] };
}

const Stopped = z.object({
  channel: z.string(),
  user: z.string(),
  thread_ts: z.string().optional(),
  streaming_message_ts: z.array(z.string()).nullish(),
});

/** agent_session_stopped: one gesture for each stream that Slack has ended, one alone where there was none. */
export function noticeStop(payload: unknown, bot: Identity): Noticing {
  const { channel, user, thread_ts, streaming_message_ts } = Stopped.parse(payload);
  const streams = streaming_message_ts ?? [];
  const root = thread_ts === undefined ? {} : { root: thread_ts };
  const references = streams.length === 0 ? [{}] : streams.map((reference) => ({ reference }));
  return {
    channel,
    subjects: { people: [user] },
    read: (directory) =>
      references.map((reference) => ({
        type: "stop",
        spot: spotOf(channel, bot),
        person: personOf(user, directory),
        ...reference,
        ...root,
      })),
  };
}

const Reaction = z.object({
  user: z.string(),
  reaction: z.string(),
  item_user: z.string().nullish(),
  item: z.object({ type: z.string(), channel: z.string().optional(), ts: z.string().optional() }),
});

/** reaction_added on a message of the bot's. */
export function noticeReaction(payload: unknown, bot: Identity): Noticing {
  const { user, reaction, item_user, item } = Reaction.parse(payload);
  const { channel, ts: reference } = item;
  if (item.type !== "message" || channel === undefined || reference === undefined)
    return { ignored: "on something else than a message" };
  if (user === bot.user) return { ignored: "made by the bot itself" };
  // Slack leaves the author out of some messages of apps; whether this one is ours, the ledger knows.
  if (item_user !== bot.user && item_user) return { ignored: "on somebody else's message" };
  // A skin tone comes behind the name: `+1::skin-tone-3`.
  const name = reaction.split("::")[0] ?? "";
  const value = OPINIONS[name];
  if (!STOPS.has(name) && !REPEATS.has(name) && value === undefined)
    return { ignored: `the reaction ${name} means nothing here` };
  return {
    channel,
    subjects: { people: [user] },
    read: (directory) => {
      const common = {
        spot: spotOf(channel, bot),
        person: personOf(user, directory),
        reference,
      };
      if (value !== undefined) return [{ type: "feedback", ...common, value }];
      return [{ type: STOPS.has(name) ? "stop" : "regenerate", ...common }];
    },
  };
}

const Click = z.object({
  user: z.object({ id: z.string() }),
  container: z.object({
    channel_id: z.string(),
    message_ts: z.string(),
    thread_ts: z.string().optional(),
  }),
});

const Action = z.discriminatedUnion("action_id", [
  z.object({ action_id: z.literal(FEEDBACK_ACTION), value: z.enum(["good", "bad"]) }),
  z.object({ action_id: z.literal(STOP_ACTION) }),
]);

/** block_actions of our own buttons. */
export function noticeClick(payload: unknown, clicked: unknown, bot: Identity): Noticing {
  const action = Action.parse(clicked);
  const { user, container } = Click.parse(payload);
  const { channel_id: channel, message_ts: reference, thread_ts } = container;
  return {
    channel,
    subjects: { people: [user.id] },
    read: (directory) => {
      const common = {
        spot: spotOf(channel, bot),
        person: personOf(user.id, directory),
        reference,
      };
      if (action.action_id === FEEDBACK_ACTION)
        return [{ type: "feedback", ...common, value: action.value }];
      return [{ type: "stop", ...common, ...(thread_ts !== undefined && { root: thread_ts }) }];
    },
  };
}

function spotOf(channel: string, { team }: Identity): Spot {
  return { platform: "slack", workspace: team, channel };
}

function personOf(id: string, directory: Directory): Person {
  return { id, name: directory.user(id) ?? id };
}
