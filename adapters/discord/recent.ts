/** What is still known of messages that came in lately, so that Discord need not be asked for them again. */

export interface Noted {
  /** As the relay saw it. */
  readonly text: string;
  /** The message that it replies to. */
  readonly repliesTo: string | undefined;
}

export interface Recent {
  note(message: string, noted: Noted): void;
  get(message: string): Noted | undefined;
}

const MOST = 1000;

/** Characters; enough to name a thread by. */
const MOST_TEXT = 300;

export function createRecent(): Recent {
  const held = new Map<string, Noted>();
  return {
    note(message, { text, repliesTo }) {
      held.set(message, { text: text.slice(0, MOST_TEXT), repliesTo });
      for (const oldest of held.keys()) {
        if (held.size <= MOST) break;
        held.delete(oldest);
      }
    },
    get: (message) => held.get(message),
  };
}
