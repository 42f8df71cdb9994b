import type { Changes as Onlookers } from "../changes.ts";
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

export type Changes = Onlookers<Change>;
