import { createHash } from "node:crypto";

import { answeredBy, type Written } from "./written.ts";

/** What is still known of messages that were seen lately, so that Discord need not be asked for them again. */

export interface Noted {
  /** As the relay saw it; Discord's own words where it did not. */
  readonly text: string;
  /** The message that it replies to. */
  readonly repliesTo: string | undefined;
  /** Equal for equal words and files: what a link's preview adds does not count. */
  readonly print: string;
}

export interface Recent {
  /** False where it was known with the same words and files. */
  note(message: Written, text?: string): boolean;
  get(message: string): Noted | undefined;
}

const MOST = 5000;

/** Characters; enough to name a thread by. */
const MOST_TEXT = 300;

export function createRecent(): Recent {
  const held = new Map<string, Noted>();
  return {
    note(message, text = message.content) {
      const print = printOf(message);
      const known = held.get(message.id)?.print === print;
      held.set(message.id, {
        text: text.slice(0, MOST_TEXT),
        repliesTo: answeredBy(message),
        print,
      });
      for (const oldest of held.keys()) {
        if (held.size <= MOST) break;
        held.delete(oldest);
      }
      return !known;
    },
    get: (message) => held.get(message),
  };
}

function printOf({ content, attachments }: Written): string {
  const shown = JSON.stringify([content, attachments.map(({ id }) => id)]);
  return createHash("sha256").update(shown).digest("base64url").slice(0, 22);
}
