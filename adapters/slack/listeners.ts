import type { App } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import type { Log } from "../../src/log.ts";
import { createLanes } from "../../src/relay/lanes.ts";
import type { Hands } from "../../src/relay/platform.ts";
import type { Fetch } from "./clients.ts";
import { createCommandListener } from "./commands.ts";
import type { Directory } from "./directory.ts";
import { concernOf, MessageEvent, readMessage } from "./events.ts";
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
  const { log } = listening;
  const take = createMessageListener(listening);
  const welcome = createHome(listening);

  app.event("app_mention", ({ event }) => take(event));
  app.event("message", ({ event }) => take(event));
  app.event("app_home_opened", ({ event }) => welcome(event));
  app.event("app_context_changed", ({ event }) => welcome(event));
  app.event("agent_session_stopped", async ({ event }) => {
    log.debug({ type: event.type }, "Slack told of an event that needs no answer");
  });
  app.command(COMMAND, createCommandListener(listening));
  app.action(/.*/, async ({ ack }) => {
    await ack();
  });
  // Bolt would log the error and then pass it on; the receiver logs it already.
  app.error(async (error) => {
    throw error;
  });
}

function createMessageListener({
  bot,
  directory,
  hands,
  log,
}: Listening): (payload: unknown) => Promise<void> {
  const lanes = createLanes();
  return async (payload) => {
    const parsed = MessageEvent.safeParse(payload);
    if (!parsed.success) {
      log.warn(
        { issues: parsed.error.issues },
        "A Slack event has an unknown shape and is left out",
      );
      return;
    }
    const event = parsed.data;
    const { channel, ts } = event;
    const concern = concernOf(event, bot);
    if ("ignored" in concern) {
      log.debug({ channel, ts, reason: concern.ignored }, "Ignored a Slack event");
      return;
    }
    const { people = [], files = [] } = subjectsOf(event);
    const learned = directory.learn({
      people: people.filter((id) => id !== bot.user),
      channels: [channel],
      files,
    });
    // Looked up side by side, handed over in the order of arrival.
    await lanes(channel, async () => {
      await learned;
      await hands.receive(readMessage(event, concern.addressed, bot, directory));
    });
  };
}
