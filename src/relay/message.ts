/** What people say and do on a chat service, in the words that every platform shares. */

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
