import type { SlackMessage } from "./world.ts";
import type { CallRecord } from "./web-api.ts";
import type { Delivery } from "./delivery.ts";

/** Everything that an onlooker may see happen in this Slack. */
export type Change =
  | { readonly type: "posted" | "edited" | "deleted"; readonly message: SlackMessage }
  | {
      readonly type: "ephemeral";
      readonly channel: string;
      readonly user: string;
      readonly text: string;
    }
  | {
      readonly type: "reaction";
      readonly message: SlackMessage;
      readonly name: string;
      readonly user: string;
      readonly added: boolean;
    }
  | {
      readonly type: "status";
      readonly channel: string;
      readonly thread_ts: string;
      readonly status: string;
    }
  | { readonly type: "home"; readonly user: string }
  | { readonly type: "prompts"; readonly channel: string }
  | { readonly type: "called"; readonly call: CallRecord }
  | { readonly type: "sent" | "acknowledged"; readonly delivery: Delivery }
  | { readonly type: "sockets"; readonly open: number };

export interface Changes {
  readonly emit: (change: Change) => void;
  /** Calls the listener for every change; the returned function ends that. */
  readonly subscribe: (listener: (change: Change) => void) => () => void;
  /** Resolves with the predicate's first truthy value, asked now and after every change. Rejects after `timeout` ms. */
  readonly waitFor: <T>(predicate: () => T, timeout?: number) => Promise<NonNullable<T>>;
}

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  const subscribe = (listener: (change: Change) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    emit: (change) => {
      for (const listener of listeners) listener(change);
    },
    subscribe,
    waitFor: async (predicate, timeout = 5000) => {
      const already = predicate();
      if (already) return already;
      const { promise, resolve, reject } =
        Promise.withResolvers<NonNullable<ReturnType<typeof predicate>>>();
      const unsubscribe = subscribe(() => {
        try {
          const value = predicate();
          if (value) resolve(value);
        } catch (error) {
          reject(error);
        }
      });
      const timer = setTimeout(
        () => reject(new Error(`Nothing satisfied ${String(predicate)} within ${timeout} ms.`)),
        timeout,
      );
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        unsubscribe();
      }
    },
  };
}
