import type { WebClient } from "@slack/web-api";
import type { Log } from "../../src/log.ts";
import type { Place } from "../../src/relay/message.ts";
import type { Speaker } from "../../src/relay/platform.ts";

interface ActivityOptions {
  readonly client: WebClient;
  /** Whether Slack's own stop button is wanted there. */
  readonly stoppable: (place: Place) => boolean;
  readonly log: Log;
}

/**
 * The words below the conversation, and the status of Slack's agent session: while that is `processing`, Slack shows its
 * stop button. A session is set where replies are streamed natively; elsewhere its calls, 50 a minute for the whole
 * workspace, would soon be used up, and people stop a reply by a reaction or in words.
 */
export function createActivity({
  client,
  stoppable,
  log,
}: ActivityOptions): Speaker["showActivity"] {
  return async (place, activity) => {
    const { conversation, question } = place;
    const { channel: channel_id, root: thread_ts = question } = conversation;
    const calls: Promise<unknown>[] = [
      client.assistant.threads.setStatus({ channel_id, thread_ts, status: activity ?? "" }),
    ];
    if (stoppable(place)) {
      const status = activity === undefined ? "active" : "processing";
      calls.push(client.agents.sessions.setStatus({ channel_id, thread_ts, status }));
    }
    const outcomes = await Promise.allSettled(calls);
    const failures = outcomes.filter(({ status }) => status === "rejected");
    for (const failure of failures) log.debug({ failure }, "Slack did not take the activity");
  };
}
