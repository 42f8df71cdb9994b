import type { types } from "@slack/bolt";
import type { Changes } from "./changes.ts";
import type { SlackChannel, World } from "./world.ts";

/**
 * What Slack has to tell the app, until the app says that it has it.
 * An event: waiting -> sent -> acknowledged; unacknowledged after 3 s, or when its socket drops, it is sent again.
 * A command or a click is sent once: if its socket drops, it is lost.
 */
export interface Delivery {
  readonly id: string;
  readonly type: "events_api" | "slash_commands" | "interactive";
  readonly payload: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970 of every sending, and why it was sent again. */
  readonly attempts: { readonly at: number; readonly reason: string }[];
  acknowledged?: { readonly at: number; readonly response: unknown };
  /** True once Slack has given up. */
  lost: boolean;
}

export interface Timings {
  /** Milliseconds that the app has for its acknowledgement. */
  readonly acknowledgement: number;
  /** Milliseconds before each redelivery. */
  readonly redeliveries: readonly number[];
}

/** Slack's own: 3 s, then again at once, after a minute and after five. */
export const SLACK_TIMINGS: Timings = { acknowledgement: 3000, redeliveries: [0, 60_000, 300_000] };

/** A way to the app. `send` resolves with false where nobody is there to take the delivery. */
export interface Route {
  send(delivery: Delivery, attempt: number, reason: string): boolean;
}

/** The events that the app's manifest subscribes to; Slack sends no others. */
export const SUBSCRIBED: readonly string[] = [
  "agent_session_stopped",
  "app_context_changed",
  "app_home_opened",
  "app_mention",
  "message.channels",
  "message.groups",
  "message.im",
  "message.mpim",
  "reaction_added",
];

export interface Post {
  readonly deliveries: readonly Delivery[];
  /** Every later event is sent this many times over. */
  copies: number;
  /** Sends an event that the app subscribes to, where the bot is a member of the channel. */
  event(event: types.SlackEvent, channel?: SlackChannel): void;
  interaction(
    type: "slash_commands" | "interactive",
    payload: Readonly<Record<string, unknown>>,
  ): Delivery;
  acknowledge(id: string, response: unknown): void;
  /** The last attempt at this delivery came to nothing. */
  failed(id: string, reason: string): void;
  /** A way to the app has opened: what waits is sent. */
  flush(): void;
  close(): void;
}

interface PostOptions {
  readonly world: World;
  readonly changes: Changes;
  readonly route: () => Route;
  readonly timings: Timings;
  readonly subscribed: readonly string[];
}

export function createPost({ world, changes, route, timings, subscribed }: PostOptions): Post {
  const deliveries: Delivery[] = [];
  const open = new Map<string, Delivery>();
  const waiting = new Set<Delivery>();
  const timers = new Map<Delivery, NodeJS.Timeout>();
  let count = 0;
  let events = 0;

  const later = (delivery: Delivery, milliseconds: number, action: () => void): void => {
    clearTimeout(timers.get(delivery));
    timers.set(delivery, setTimeout(action, milliseconds));
  };
  const drop = (delivery: Delivery): void => {
    clearTimeout(timers.get(delivery));
    timers.delete(delivery);
    waiting.delete(delivery);
    open.delete(delivery.id);
  };
  const send = (delivery: Delivery, reason: string): void => {
    delivery.attempts.push({ at: Date.now(), reason });
    waiting.delete(delivery);
    later(delivery, timings.acknowledgement, () => retry(delivery, "timeout"));
    if (!route().send(delivery, delivery.attempts.length - 1, reason)) {
      delivery.attempts.pop();
      clearTimeout(timers.get(delivery));
      waiting.add(delivery);
      return;
    }
    changes.emit({ type: "sent", delivery });
  };
  const retry = (delivery: Delivery, reason: string): void => {
    const pause = timings.redeliveries[delivery.attempts.length - 1];
    if (delivery.type !== "events_api" || pause === undefined) {
      delivery.lost = true;
      drop(delivery);
      changes.emit({ type: "sent", delivery });
      return;
    }
    later(delivery, pause, () => send(delivery, reason));
  };
  const add = (type: Delivery["type"], payload: Delivery["payload"]): Delivery => {
    const delivery: Delivery = {
      id: `envelope-${(count += 1)}`,
      type,
      payload,
      attempts: [],
      lost: false,
    };
    deliveries.push(delivery);
    open.set(delivery.id, delivery);
    send(delivery, "");
    return delivery;
  };

  return {
    deliveries,
    copies: 1,
    event(event, channel) {
      if (!subscribed.includes(subscriptionOf(event))) return;
      if (channel !== undefined && !channel.members.has(world.bot.user_id)) return;
      const payload = { ...envelopeOf(world, event), event_id: `Ev${(events += 1)}` };
      for (let copy = 0; copy < this.copies; copy += 1) add("events_api", payload);
    },
    interaction: add,
    acknowledge(id, response) {
      const delivery = open.get(id);
      if (delivery === undefined) return;
      delivery.acknowledged = { at: Date.now(), response };
      drop(delivery);
      changes.emit({ type: "acknowledged", delivery });
      const answer = answerIn(delivery, response);
      if (answer !== undefined) changes.emit({ type: "ephemeral", ...answer });
    },
    failed(id, reason) {
      const delivery = open.get(id);
      if (delivery !== undefined && !waiting.has(delivery)) retry(delivery, reason);
    },
    flush() {
      // A copy: what still cannot be sent waits again, in the same set.
      const due = Array.from(waiting);
      for (const delivery of due) send(delivery, delivery.attempts.at(-1)?.reason ?? "");
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

/** A command's acknowledgement may carry an answer, which by default only the asker sees. */
function answerIn({ type, payload }: Delivery, response: unknown) {
  if (type !== "slash_commands" || typeof response !== "object" || response === null) return;
  if (!("text" in response) || typeof response.text !== "string") return;
  const { channel_id, user_id } = payload;
  return { channel: String(channel_id), user: String(user_id), text: response.text };
}

function envelopeOf(world: World, event: types.SlackEvent): Readonly<Record<string, unknown>> {
  return {
    token: "verification",
    team_id: world.team.id,
    api_app_id: world.bot.app_id,
    type: "event_callback",
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: world.team.id,
        user_id: world.bot.user_id,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event,
  };
}

const MESSAGE_SUBSCRIPTIONS: Readonly<Record<string, string>> = {
  channel: "message.channels",
  group: "message.groups",
  im: "message.im",
  mpim: "message.mpim",
};

function subscriptionOf(event: types.SlackEvent): string {
  if (event.type !== "message") return event.type;
  return MESSAGE_SUBSCRIPTIONS[event.channel_type] ?? event.type;
}
