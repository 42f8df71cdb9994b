/**
 * The port to a chat service. Implementations live in adapters/; the words they share with the relay are in message.ts.
 */
import type {
  Attachment,
  Command,
  Conversation,
  EarlierMessage,
  Gesture,
  IncomingMessage,
  Introduction,
  Person,
  Place,
  PlatformName,
} from "./message.ts";

/** Resolves once the message is committed; only then may a platform be told "received". */
export type Receive = (message: IncomingMessage) => Promise<void>;

/** What a platform calls when something comes in. */
export interface Hands {
  readonly receive: Receive;
  /** Resolves once it is committed. What concerns no message or reply of ours is ignored. */
  readonly gesture: (gesture: Gesture) => Promise<void>;
  /** Answers with Markdown that only the asker sees. Must be told within 3 s, so it answers at once. */
  readonly command: (command: Command) => Promise<string>;
  readonly introduce: (person: Person) => Promise<Introduction>;
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
  /** References of the parts that are known already, of this reply and of all others in its conversation. */
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

/** Brings in what people say. */
export interface Listener {
  /** Connects, and tells `hands` what comes in. Resolves when connected. */
  start(hands: Hands): Promise<void>;
  /** Takes no new messages; speaking and reading still work until the platform is disposed. */
  stop(): Promise<void>;
  /** True while messages arrive. */
  readonly ready: boolean;
}

/** Carries replies out. */
export interface Speaker {
  /** Edits of one budget share a limit: Slack counts per workspace, Discord per channel. */
  budget(conversation: Conversation): string;
  /** Model Markdown to what this platform shows, safe: no ping, no masked link. Pure, and stable for a growing prefix. */
  format(markdown: string): string;
  post(place: Place, part: Part): Promise<string>;
  edit(place: Place, reference: string, text: string): Promise<void>;
  remove(place: Place, reference: string): Promise<void>;
  /** Attaches a file to the conversation, below the reply. At most 10 MiB. */
  upload(place: Place, file: { readonly name: string; readonly bytes: Uint8Array }): Promise<void>;
  /** The reference of a part that may have been posted, or undefined when the platform knows none. */
  find(place: Place, lookup: Lookup): Promise<string | undefined>;
  /** Typing or status; lasts some seconds only, so it is repeated. `undefined` clears it. Failures are swallowed. */
  showActivity(place: Place, activity: string | undefined): Promise<void>;
}

/**
 * A reply that the platform itself streams: text is only ever added. One call at a time; the caller sees to that.
 * A platform may end a stream by itself; every method then throws PlatformRefused with the code `stream_ended`.
 */
export interface LiveStream {
  readonly reference: string;
  /** Milliseconds since 1970 after which the platform will have ended it. */
  readonly endsAt: number;
  /** Adds to what people see. */
  append(text: string): Promise<void>;
  /** A line about a tool call beside the text; the same id again updates it. */
  showTask(task: {
    readonly id: string;
    readonly title: string;
    readonly status: "in_progress" | "complete" | "error";
  }): Promise<void>;
  /** Ends it, with `text` added at last and, where the platform has them, buttons for feedback. */
  stop(text: string): Promise<void>;
}

/** Platforms that can stream natively; where it does not help or cannot be had here, `stream` answers undefined. */
export interface Streamer {
  stream(place: Place, part: Part): Promise<LiveStream | undefined>;
}

/** Reads what stands there already. */
export interface Reader {
  /**
   * What was said before the question in its thread or reply chain, oldest first: the newest `count` of them, and
   * only what is newer than the message `after`. Empty outside of threads and chains.
   */
  earlier(
    place: Place,
    bounds: { readonly count: number; readonly after?: string | undefined },
  ): Promise<EarlierMessage[]>;
  /**
   * A file that a person attached. The platform's token goes to the platform's own hosts only.
   * PlatformRefused codes: `too_large`, `login_page` (the app lacks the right to read files), `not_found`, `foreign_host`.
   */
  download(file: Attachment, maxBytes: number, signal: AbortSignal): Promise<Uint8Array>;
}

/** Finds what people said while nobody listened. For platforms that do not deliver it again by themselves. */
export interface CatchesUp {
  /**
   * Hands over, oldest first, what was written after the message `after` of each channel and concerns the bot
   * (mentions, replies to it, direct messages), bounded by age and count. Called once, after `start`.
   */
  catchUp(
    after: ReadonlyMap<string, string>,
    bounds: { readonly maxAge: number; readonly perChannel: number },
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * A chat service. Methods that talk to it throw PlatformRefused, PlatformUnreachable or RateLimited (src/errors.ts),
 * nothing else.
 */
export interface Platform
  extends Listener, Speaker, Reader, Partial<Streamer & CatchesUp>, AsyncDisposable {
  readonly name: PlatformName;
  readonly limits: PlatformLimits;
}
