import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Introduction } from "../../src/relay/message.ts";
import type { Hands } from "../../src/relay/platform.ts";
import type { Directory } from "./directory.ts";
import { paragraphsOf } from "./mrkdwn.ts";

/** What people see before they have written anything: the home tab, and prompts to choose from. */

/** Characters that one section of a view may hold. */
const SECTION = 3000;
/** Blocks that one view may hold. */
const BLOCKS = 100;
const PROMPTS = 4;

const Opened = z.object({
  type: z.string(),
  user: z.string(),
  channel: z.string(),
  tab: z.enum(["home", "messages"]).optional().catch(undefined),
});

interface HomeOptions {
  readonly client: WebClient;
  readonly directory: Directory;
  readonly hands: Pick<Hands, "introduce">;
  readonly log: Log;
}

/**
 * Answers app_home_opened and app_context_changed. Nothing here is worth a second delivery or a line that an operator
 * must read: failures are logged at debug, and the next time that somebody looks, it is tried again.
 */
export function createHome({ client, directory, hands, log }: HomeOptions) {
  const introduce = async (user: string): Promise<Introduction> => {
    await directory.learn({ people: [user] });
    return hands.introduce({ id: user, name: directory.user(user) ?? user });
  };
  return async (event: unknown): Promise<void> => {
    try {
      const { type, user, channel, tab } = Opened.parse(event);
      const introduction = await introduce(user);
      const calls: Promise<unknown>[] = [];
      if (type === "app_home_opened" && tab !== "messages")
        calls.push(publish(client, user, introduction));
      // To an app with agent_view, any opening may be that of its conversation.
      if (introduction.prompts.length > 0) calls.push(suggest(client, channel, introduction));
      const failures = (await Promise.allSettled(calls)).filter(
        ({ status }) => status === "rejected",
      );
      for (const failure of failures) log.debug({ failure }, "Slack did not take an introduction");
    } catch (error) {
      log.debug({ reason: messageOf(error) }, "Nobody could be introduced in Slack");
    }
  };
}

async function publish(
  client: WebClient,
  user_id: string,
  { text, prompts }: Introduction,
): Promise<void> {
  const tries = prompts.map(({ message }) => `- ${message}`).join("\n");
  const sections = sectionsOf(
    prompts.length === 0 ? text : `${text}\n\n**Try asking**\n\n${tries}`,
  );
  await client.views.publish({
    user_id,
    view: {
      type: "home",
      blocks: sections.map((section) => ({
        type: "section",
        text: { type: "mrkdwn", text: section },
      })),
    },
  });
}

/** Without thread_ts: given one, the call does nothing for an app with agent_view (Slack's reference of the method). */
async function suggest(
  client: WebClient,
  channel_id: string,
  { prompts }: Introduction,
): Promise<void> {
  await client.assistant.threads.setSuggestedPrompts({
    channel_id,
    prompts: prompts.slice(0, PROMPTS).map(({ title, message }) => ({ title, message })),
  });
}

/** A section for each paragraph; a longer one is cut. */
function sectionsOf(markdown: string): string[] {
  return paragraphsOf(markdown)
    .slice(0, BLOCKS)
    .map((text) => (text.length > SECTION ? `${text.slice(0, SECTION - 1)}…` : text));
}
