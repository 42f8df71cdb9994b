import type { App } from "@slack/bolt";
import type { Log } from "../../src/log.ts";
import type { Receive } from "../../src/relay/platform.ts";
import { concernOf, type Identity, MessageEvent, readMessage } from "./events.ts";
import { COMMAND } from "./manifest.ts";
import type { People } from "./people.ts";
import { mentionedIn } from "./text.ts";

interface Listening {
  readonly bot: Identity;
  readonly people: People;
  readonly receive: Receive;
  readonly log: Log;
}

/** Everything that Slack tells the app ends up here; a listener that throws keeps the delivery unacknowledged. */
export function listen(app: App, { bot, people, receive, log }: Listening): void {
  const take = async (payload: unknown): Promise<void> => {
    const parsed = MessageEvent.safeParse(payload);
    if (!parsed.success) {
      log.warn(
        { issues: parsed.error.issues },
        "A Slack event has an unknown shape and is left out",
      );
      return;
    }
    const event = parsed.data;
    const concern = concernOf(event, bot);
    if ("ignored" in concern) {
      log.debug(
        { channel: event.channel, ts: event.ts, reason: concern.ignored },
        "Ignored a Slack event",
      );
      return;
    }
    const named = [
      ...mentionedIn(event.text ?? ""),
      ...(event.user === undefined ? [] : [event.user]),
    ];
    await people.learn(named.filter((id) => id !== bot.user));
    const reading = readMessage(event, bot, people);
    if ("message" in reading) await receive(reading.message);
  };
  const note = async ({ event }: { readonly event: { readonly type: string } }): Promise<void> => {
    log.debug({ type: event.type }, "Slack told of an event that needs no answer");
  };

  app.event("app_mention", ({ event }) => take(event));
  app.event("message", ({ event }) => take(event));
  app.event("agent_session_stopped", note);
  app.event("app_context_changed", note);
  app.event("app_home_opened", note);
  app.command(COMMAND, async ({ ack }) => {
    await ack({
      response_type: "ephemeral",
      text: "Mention me in a channel, or write to me in a direct message.",
    });
  });
  app.action(/.*/, async ({ ack }) => {
    await ack();
  });
  // Bolt would log the error and then pass it on; the receiver logs it already.
  app.error(async (error) => {
    throw error;
  });
}
