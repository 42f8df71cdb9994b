import type { App } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Log } from "../../src/log.ts";
import { createLanes } from "../../src/relay/lanes.ts";
import type { Hands } from "../../src/relay/platform.ts";
import { FEEDBACK_ACTION, STOP_ACTION } from "./buttons.ts";
import type { Fetch } from "./clients.ts";
import { createCommandListener } from "./commands.ts";
import type { Directory, Subjects } from "./directory.ts";
import { concernOf, MessageEvent, readMessage } from "./events.ts";
import * as gestures from "./gestures.ts";
import { createHome } from "./home.ts";
import type { Identity } from "./identity.ts";
import { COMMAND } from "./manifest.ts";
import { subjectsOf } from "./message.ts";

interface Listening {
  readonly bot: Identity;
  readonly directory: Directory;
  readonly hands: Hands;
  readonly client: WebClient;
  readonly fetch: Fetch;
  readonly log: Log;
}

/** Everything that Slack tells the app ends up here; a listener that throws keeps the delivery unacknowledged. */
export function listen(app: App, listening: Listening): void {
  const { bot } = listening;
  const { take, notice } = createEars(listening);
  const welcome = createHome(listening);

  app.event("app_mention", ({ event }) => take(event));
  app.event("message", ({ event }) => {
    switch (event.subtype) {
      case "message_changed":
        return notice(() => gestures.noticeChange(event, bot));
      case "message_deleted":
        return notice(() => gestures.noticeDeletion(event, bot));
      default:
        return take(event);
    }
  });
  app.event("reaction_added", ({ event }) => notice(() => gestures.noticeReaction(event, bot)));
  app.event("agent_session_stopped", ({ event }) => notice(() => gestures.noticeStop(event, bot)));
  app.event("app_home_opened", ({ event }) => welcome(event));
  app.event("app_context_changed", ({ event }) => welcome(event));
  app.command(COMMAND, createCommandListener(listening));
  // Slack sends a click once: where it could not be taken, the missing acknowledgement tells the person so.
  app.action(/.*/, async ({ ack, action, body }) => {
    if ("action_id" in action && OWN_ACTIONS.has(action.action_id))
      await notice(() => gestures.noticeClick(body, action, bot));
    await ack();
  });
  // Bolt would log the error and then pass it on; the receiver logs it already.
  app.error(async (error) => {
    throw error;
  });
}

const OWN_ACTIONS: ReadonlySet<string> = new Set([FEEDBACK_ACTION, STOP_ACTION]);

interface Ears {
  /** A message. */
  readonly take: (payload: unknown) => Promise<void>;
  /** Something that was done about one. */
  readonly notice: (read: () => gestures.Noticing) => Promise<void>;
}

function createEars({ bot, directory, hands, log }: Listening): Ears {
  const lanes = createLanes();

  /** Looked up side by side, handed over in the order of arrival. */
  const handOver = async (
    channel: string,
    { people = [], files = [] }: Subjects,
    hand: () => Promise<void>,
  ): Promise<void> => {
    const learned = directory.learn({
      people: people.filter((id) => id !== bot.user),
      channels: [channel],
      files,
    });
    await lanes(channel, async () => {
      await learned;
      await hand();
    });
  };

  return {
    async take(payload) {
      const event = parsed(log, () => MessageEvent.parse(payload));
      if (event === undefined) return;
      const { channel, ts } = event;
      const concern = concernOf(event, bot);
      if ("ignored" in concern) {
        log.debug({ channel, ts, reason: concern.ignored }, "Ignored a Slack event");
        return;
      }
      await handOver(channel, subjectsOf(event), () =>
        hands.receive(readMessage(event, concern.addressed, bot, directory)),
      );
    },
    async notice(read) {
      const noticed = parsed(log, read);
      if (noticed === undefined) return;
      if ("ignored" in noticed) {
        log.debug({ reason: noticed.ignored }, "Ignored a Slack event");
        return;
      }
      await handOver(noticed.channel, noticed.subjects, async () => {
        for (const gesture of noticed.read(directory)) await hands.gesture(gesture);
      });
    },
  };
}

/** Undefined for what has an unknown shape: to have it delivered again would change nothing. */
function parsed<T>(log: Log, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const { issues } = error;
    log.warn({ issues }, "A Slack event has an unknown shape and is left out");
    return undefined;
  }
}
