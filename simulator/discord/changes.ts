import type { Interaction } from "./interactions.ts";
import type { DiscordChannel, DiscordMessage } from "./objects.ts";

/** One request that a bot made, as the journal keeps it. */
export interface CallRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The route: `POST /channels/:id/messages`. */
  readonly operation: string;
  readonly path: string;
  /** The channel it concerned, or "". */
  readonly conversation: string;
  /** As it was sent; undefined where there was none. */
  readonly body: unknown;
  /** The HTTP status; 0 when the connection was cut instead. */
  readonly status: number;
}

/** Everything that an onlooker may see happen in this Discord. */
export type Change =
  | { readonly type: "posted" | "edited"; readonly message: DiscordMessage }
  /** With `bulk` a `purged` change follows, in which Discord tells of all of them at once. */
  | { readonly type: "deleted"; readonly message: DiscordMessage; readonly bulk: boolean }
  | { readonly type: "purged"; readonly channel: string; readonly ids: readonly string[] }
  | {
      readonly type: "reaction";
      readonly message: DiscordMessage;
      readonly emoji: string;
      readonly user: string;
      readonly added: boolean;
    }
  | {
      readonly type: "typing";
      readonly channel: string;
      readonly user: string;
      readonly at: number;
    }
  | { readonly type: "channel" | "thread" | "thread_changed"; readonly channel: DiscordChannel }
  | { readonly type: "interaction" | "answered"; readonly interaction: Interaction }
  | { readonly type: "called"; readonly call: CallRecord }
  /** `ready` counts the sockets that are past IDENTIFY or RESUME. */
  | { readonly type: "sockets"; readonly ready: number };

export interface Changes {
  readonly emit: (change: Change) => void;
  /** Calls the listener for every change; the returned function ends that. */
  readonly subscribe: (listener: (change: Change) => void) => () => void;
  /**
   * Resolves with the predicate's first truthy value, asked now and after every change.
   * Rejects after `timeout` milliseconds, 5,000 by default.
   */
  readonly waitFor: <T>(predicate: () => T, timeout?: number) => Promise<NonNullable<T>>;
}

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  const subscribe = (listener: (change: Change) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  async function waitFor<T>(predicate: () => T, timeout = 5000): Promise<NonNullable<T>> {
    const already = predicate();
    if (already) return already;
    const { promise, resolve, reject } = Promise.withResolvers<NonNullable<T>>();
    const unsubscribe = subscribe(() => {
      try {
        const value = predicate();
        if (value) resolve(value);
      } catch (error) {
        reject(error);
      }
    });
    const late = (): void =>
      reject(new Error(`Nothing satisfied ${String(predicate)} within ${timeout} ms.`));
    const timer = setTimeout(late, timeout);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }

  return {
    emit: (change) => {
      for (const listener of listeners) listener(change);
    },
    subscribe,
    waitFor,
  };
}
