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

/**
 * How an author belongs here. `guest`: Slack's single- and multi-channel guests. `external`: somebody of another
 * organisation (Slack Connect). `stranger`: writes a DM without sharing a server. Where the platform does not
 * answer, `member`: the message itself came from the workspace.
 */
export type Standing = "member" | "guest" | "external" | "stranger";

/** What the channel of a message is called; empty in a DM, or where the platform does not tell. Written by people: untrusted. */
export interface ChannelInfo {
  /** Without the leading #. */
  readonly name?: string;
  readonly topic?: string;
  /** Of a Discord thread: the channel below which it hangs, by which patchbay.yml knows it. */
  readonly parent?: { readonly id: string; readonly name?: string };
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

/**
 * Why a message may concern the bot. `thread`: nobody named it, in a thread. `channel`: nobody named it, outside of
 * any thread. Intake knows in which of these it speaks.
 */
export type Addressed = "mention" | "reply" | "direct" | "thread" | "channel";

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
  readonly standing: Standing;
  readonly where: ChannelInfo;
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
  /** Set where the answer opens a thread below the question (Discord): the channel that the question stands in. */
  readonly opensThreadIn?: string;
}

/** A message that stands before the question in its thread or reply chain. */
export interface EarlierMessage {
  readonly id: string;
  readonly author: Person;
  /** Written by this bot. */
  readonly own: boolean;
  readonly text: string;
  readonly sentAt: number;
  readonly files: readonly Attachment[];
}

/** `/patchbay …` */
export interface Command {
  readonly conversation: Conversation;
  readonly author: Person;
  readonly standing: Standing;
  readonly where: ChannelInfo;
  /** What stands after `/patchbay`, trimmed. */
  readonly text: string;
}

/** What the bot says about itself to one person: Slack's home tab, suggested prompts. */
export interface Introduction {
  /** Markdown. */
  readonly text: string;
  /** At most 4. `title` is what people see, `message` what is sent when they choose it. */
  readonly prompts: readonly { readonly title: string; readonly message: string }[];
}

/** The channel of something that was said, as the platform names it. */
export type Spot = Pick<Conversation, "platform" | "workspace" | "channel">;

/** What a person did about something that was said earlier. */
export type Gesture =
  /** `message` is how it reads now; its id is that of the message that was edited. */
  | { readonly type: "edited"; readonly message: IncomingMessage }
  | { readonly type: "deleted"; readonly spot: Spot; readonly message: string }
  /** By a button, a reaction or the platform's own stop. `reference` is a part of the reply, `root` a thread. */
  | {
      readonly type: "stop";
      readonly spot: Spot;
      readonly person: Person;
      readonly reference?: string;
      readonly root?: string;
    }
  | {
      readonly type: "regenerate";
      readonly spot: Spot;
      readonly person: Person;
      readonly reference: string;
    }
  | {
      readonly type: "feedback";
      readonly spot: Spot;
      readonly person: Person;
      readonly reference: string;
      readonly value: "good" | "bad";
    };

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
