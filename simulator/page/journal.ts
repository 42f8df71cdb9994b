import type { MessageView, Status } from "./chat.ts";
import type { TurnView } from "./turn.ts";

/** What the page is told. Every one of them is the newest state of its thing, so an older one may be missed. */
export type PageEvent =
  | { readonly type: "message"; readonly message: MessageView }
  | { readonly type: "removed"; readonly message: string }
  | { readonly type: "status"; readonly status: Status }
  | { readonly type: "turn"; readonly turn: TurnView }
  | { readonly type: "turn_removed"; readonly turn: string };

export interface Numbered {
  readonly id: string;
  readonly event: PageEvent;
}

/**
 * Keeps the newest state of every thing under its key, in the order of change: whoever was away gets what has
 * changed since, once each, however much has happened.
 */
export interface Journal {
  /** `read` is called when somebody listens, and again for whoever comes later. */
  put(key: string, read: () => PageEvent): void;
  /** The id of the newest event. */
  readonly last: string;
  /** What has changed since that event; undefined when this journal does not know the id. */
  since(id: string): readonly Numbered[] | undefined;
  all(): readonly PageEvent[];
  /** The returned function ends it. */
  listen(listener: (numbered: Numbered) => void): () => void;
}

/** `epoch` tells this journal's ids from those of another process. */
export function createJournal(epoch: string): Journal {
  const entries = new Map<string, { readonly number: number; readonly read: () => PageEvent }>();
  const listeners = new Set<(numbered: Numbered) => void>();
  let count = 0;
  const idOf = (number: number): string => `${epoch}-${number}`;

  return {
    put(key, read) {
      const number = (count += 1);
      // Taken out first, so that the entries stay in the order of their numbers.
      entries.delete(key);
      entries.set(key, { number, read });
      if (listeners.size === 0) return;
      const numbered = { id: idOf(number), event: read() };
      for (const listener of listeners) listener(numbered);
    },
    get last() {
      return idOf(count);
    },
    since(id) {
      const [, known, number] = /^(.+)-(\d+)$/.exec(id) ?? [];
      if (known !== epoch || Number(number) > count) return undefined;
      return [...entries.values()]
        .filter((entry) => entry.number > Number(number))
        .map((entry) => ({ id: idOf(entry.number), event: entry.read() }));
    },
    all: () => [...entries.values()].map(({ read }) => read()),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
