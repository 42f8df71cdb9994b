import type { Changes as Onlookers } from "../changes.ts";
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

export type Changes = Onlookers<Change>;
