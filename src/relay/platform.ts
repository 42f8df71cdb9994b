/**
 * The port to a chat service, and the words every platform shares.
 * Implementations live in adapters/; test/contracts/platform.ts is the suite that all of them run.
 */

export type PlatformName = "slack" | "discord";

/** Where people talk. Two messages with equal conversations share one Assistants thread. */
export interface Conversation {
  readonly platform: PlatformName;
  /** Slack team id, Discord guild id; "dm" for a Discord DM. */
  readonly workspace: string;
  readonly channel: string;
  /** Slack thread_ts ?? ts; Discord thread id or reply root; absent in a flat DM. */
  readonly root?: string;
}

export interface Person {
  /** The platform's own user id. */
  readonly id: string;
  /** The name people see; the id where the platform tells no name. */
  readonly name: string;
}

export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Bytes, where the platform says. */
  readonly size?: number;
  /** Where the adapter can download it; may expire. */
  readonly url: string;
}

/** Why a message concerns the bot. `thread`: nobody named it, but it has replied in this thread. */
export type Addressed = "mention" | "reply" | "direct" | "thread";

/** A message that a person wrote, in the words every platform shares. */
export interface IncomingMessage {
  /** The platform's own message id: Slack ts, Discord snowflake. With `conversation` its identity. */
  readonly id: string;
  readonly conversation: Conversation;
  /**
   * Ids of the messages that this one replies to, nearest first, as far as the payload tells.
   * Intake resolves a Discord reply chain to the conversation it began in.
   */
  readonly ancestors: readonly string[];
  readonly author: Person;
  /** Markdown, without the mention of the bot; other people's mentions as `@name`. */
  readonly text: string;
  /** Milliseconds since 1970, as the platform says. */
  readonly sentAt: number;
  readonly addressed: Addressed;
  readonly files: readonly Attachment[];
}

/** Resolves once the message is committed; only then may a platform be told "received". */
export type Receive = (message: IncomingMessage) => Promise<void>;

/** Where a reply goes. */
export interface Place {
  readonly conversation: Conversation;
  /** The message that is answered. */
  readonly question: string;
  readonly asker: Person;
}

/** One platform message of a reply. */
export interface Part {
  /** Already formatted for the platform and within `limits.part`. */
  readonly text: string;
  /** Stable for this part of this reply, at most 25 characters: a repeated post is recognised by it. */
  readonly nonce: string;
}

/** What a part looks like on the platform when an unresolved post is looked up. */
export interface Lookup {
  readonly nonce: string;
  /** References of this reply's parts that are already known. */
  readonly known: readonly string[];
}

export interface PlatformLimits {
  /** Characters that one part may hold. */
  readonly part: number;
  /** Edits per minute in one budget. */
  readonly editsPerMinute: number;
  /** Milliseconds after which a request without an answer has failed; an intent older than this can be looked up. */
  readonly requestTimeout: number;
  /** Milliseconds after which a shown activity is shown again; a little less than the platform keeps it. */
  readonly activityLasts: number;
}

/**
 * A chat service that brings messages in and carries replies out.
 * Methods that talk to it throw PlatformRefused, PlatformUnreachable or RateLimited (src/errors.ts), nothing else.
 */
export interface Platform extends AsyncDisposable {
  readonly name: PlatformName;
  readonly limits: PlatformLimits;
  /** Connects, and calls `receive` for every message that concerns the bot. Resolves when connected. */
  start(receive: Receive): Promise<void>;
  /** Takes no new messages; posting and editing still work until it is disposed. */
  stop(): Promise<void>;
  /** True while messages arrive. */
  readonly ready: boolean;
  /** Edits of one budget share a limit: Slack counts per workspace, Discord per channel. */
  budget(conversation: Conversation): string;
  /** Model Markdown to what this platform shows, safe: no ping, no masked link. Pure, and stable for a growing prefix. */
  format(markdown: string): string;
  post(place: Place, part: Part): Promise<string>;
  edit(place: Place, reference: string, text: string): Promise<void>;
  remove(place: Place, reference: string): Promise<void>;
  /** The reference of a part that may have been posted, or undefined when the platform knows none. */
  find(place: Place, lookup: Lookup): Promise<string | undefined>;
  /** Typing or status; lasts some seconds only, so it is repeated. `undefined` clears it. Failures are swallowed. */
  showActivity(place: Place, activity: string | undefined): Promise<void>;
}
