/** One simulated chat service in the words of the page; slack-chat.ts and discord-chat.ts are the two of them. */
export interface Chat {
  rooms(): readonly Room[];
  /** Everything that is shown now, oldest first. */
  messages(): readonly MessageView[];
  message(id: string): MessageView | undefined;
  /** Posts as a person and answers the message's id. Throws a BadRequest for what cannot be. */
  say(words: Words): string;
  edit(change: Change & { readonly text: string }): void;
  remove(change: Change): void;
  file(id: string): FileContent | undefined;
  /** The returned function ends it. */
  subscribe(listener: (news: News) => void): () => void;
}

export interface Room {
  readonly id: string;
  readonly platform: "slack" | "discord";
  readonly workspace: string;
  readonly kind: "channel" | "dm";
  /** The channel's name, or the person at the other end of the direct messages with the bot. */
  readonly name: string;
  /** Who can write there. */
  readonly people: readonly string[];
}

export interface MessageView {
  /** The platform's own id; within a room, ids sort by age as text. */
  readonly id: string;
  readonly room: string;
  readonly author: string;
  readonly bot: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Safe to show as it is: everything that people wrote is escaped. */
  readonly html: string;
  /** What one would type to write it. */
  readonly source: string;
  readonly edits: number;
  /** The message whose thread this is in; the thread's root has none. */
  readonly thread?: string;
  /** The message that is quoted above this one. */
  readonly replyTo?: { readonly id: string; readonly author: string; readonly excerpt: string };
  readonly files: readonly FileView[];
  readonly reactions: readonly { readonly name: string; readonly people: readonly string[] }[];
  /** Only this person sees it. */
  readonly onlyFor?: string;
}

interface FileView {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly url: string;
  readonly image: boolean;
}

export interface FileContent {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

interface Words {
  readonly room: string;
  readonly person: string;
  readonly text: string;
  readonly thread?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly files: readonly FileContent[];
}

/** A person changes a message of their own. */
interface Change {
  readonly message: string;
  readonly person: string;
}

export interface Status {
  readonly room: string;
  readonly thread?: string;
  /** What the bot is doing, as in "is typing…"; "" when it has stopped. */
  readonly text: string;
  /** Milliseconds since 1970 at which it ends by itself. */
  readonly until?: number;
}

export type News =
  | { readonly type: "message"; readonly id: string; readonly read: () => MessageView }
  | { readonly type: "removed"; readonly id: string; readonly room: string }
  | { readonly type: "status"; readonly status: Status };

/** What the browser asked for cannot be; the message is for the person who sits there. */
export class BadRequest extends Error {
  readonly status: 400 | 403 | 404 | 405 | 413 | 415;
  constructor(message: string, status: BadRequest["status"] = 400) {
    super(message);
    this.name = "BadRequest";
    this.status = status;
  }
}

/** Pictures that a browser shows without running anything; every other file is offered for download. */
const PICTURES: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
]);

export function isPicture(type: string): boolean {
  return PICTURES.has(type.toLowerCase());
}

export function fileUrl(platform: Room["platform"], id: string): string {
  return `/playground/files/${platform}/${encodeURIComponent(id)}`;
}
