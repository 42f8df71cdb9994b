import type { APIEmbed, APIMessageTopLevelComponent } from "discord-api-types/v10";

import type { Mentions } from "./mentions.ts";

/** What a simulated Discord is made of. */

export interface DiscordUser {
  readonly id: string;
  readonly username: string;
  /** What people see. */
  readonly name: string;
  /** A stranger shares no server with the bot and can only write it DMs. */
  readonly kind: "member" | "stranger" | "bot" | "webhook";
  /** Has joined, but not yet passed the server's membership screening. */
  readonly pending: boolean;
}

export interface DiscordChannel {
  readonly id: string;
  readonly name: string;
  readonly type: "text" | "thread" | "dm";
  readonly topic?: string;
  /** The channel that a thread belongs to. */
  readonly parent?: string;
  /** In a thread that was begun from a message: the id of the entry at its top that stands for that message. */
  readonly opening?: string;
  /** The person at the other end of a DM, or who opened the thread. */
  readonly user?: string;
  readonly archived: boolean;
  readonly locked: boolean;
}

export interface DiscordFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array;
  /** Seconds; a file with a duration is a voice message. */
  readonly duration?: number;
}

export interface DiscordMessage {
  readonly id: string;
  readonly channel: string;
  readonly user: string;
  readonly content: string;
  /** The content it was posted with. */
  readonly original: string;
  /** The contents it was given later, oldest first; `at` is milliseconds since 1970. */
  readonly edits: readonly { readonly at: number; readonly content: string }[];
  readonly files: readonly DiscordFile[];
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIMessageTopLevelComponent[];
  /** The message it replies to. */
  readonly replyTo?: string;
  /** The message that it forwards, as it was then. */
  readonly forwarded?: DiscordMessage;
  /** The message that a thread was begun from, where this one stands for it at the thread's top. */
  readonly opens?: DiscordMessage;
  readonly mentions: Mentions;
  /** Whom this message notified: user ids, role ids behind "&", "everyone". */
  readonly pings: readonly string[];
  readonly reactions: ReadonlyMap<string, readonly string[]>;
  readonly flags: number;
  readonly nonce?: string;
  /** Interaction answers that only this person sees; never listed in the channel. */
  readonly onlyFor?: string;
  readonly deleted: boolean;
}

export type Draft = Pick<DiscordMessage, "channel" | "user" | "content" | "mentions"> &
  Partial<
    Pick<
      DiscordMessage,
      | "id"
      | "files"
      | "embeds"
      | "components"
      | "replyTo"
      | "forwarded"
      | "flags"
      | "nonce"
      | "onlyFor"
    >
  >;

export type Rewrite = Partial<
  Pick<DiscordMessage, "content" | "files" | "embeds" | "components" | "flags" | "mentions">
>;

export interface Seed {
  /** Ana and Lee by default. */
  readonly users?: readonly {
    readonly name: string;
    readonly kind?: DiscordUser["kind"];
    readonly pending?: boolean;
  }[];
  /** #ops by default. */
  readonly channels?: readonly (string | { readonly name: string; readonly topic: string })[];
  readonly token?: string;
}
