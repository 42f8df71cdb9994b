import type { Interaction, Interactions, Slash } from "./interactions.ts";
import { mentionsOf } from "./mentions.ts";
import type { DiscordChannel, DiscordMessage } from "./objects.ts";
import type { World } from "./world.ts";

/** What people do; each act reaches the bot as Discord would tell it. */
export interface Person {
  /** Posts as a person, another bot or a webhook. A stranger can only write in a DM. */
  say(words: Words): DiscordMessage;
  edit(message: DiscordMessage, text: string): void;
  remove(message: DiscordMessage): void;
  /** Deletes many messages of one channel of the server at once. */
  purge(channel: string, messages: readonly DiscordMessage[]): void;
  /** A character, or `name:id` for a custom emoji. */
  react(message: DiscordMessage, user: string, emoji: string): void;
  clickButton(message: DiscordMessage, customId: string, user: string): Interaction;
  slash(command: Slash): Interaction;
  /** Opens a thread; with a message it starts from that one and has its id. */
  openThread(words: {
    readonly channel: string;
    readonly user: string;
    readonly name: string;
    readonly message?: DiscordMessage;
  }): DiscordChannel;
  archive(thread: string, options?: { readonly locked?: boolean }): void;
}

interface Words {
  readonly channel: string;
  readonly user: string;
  /** With mentions as Discord carries them: `<@id>`. */
  readonly text: string;
  readonly replyTo?: DiscordMessage;
  /** False for a reply with the ping switched off. */
  readonly ping?: boolean;
  readonly forward?: DiscordMessage;
  readonly files?: readonly {
    readonly name: string;
    readonly type: string;
    readonly content: string | Uint8Array;
    /** Seconds, for a voice message. */
    readonly duration?: number;
  }[];
}

export function createPerson(world: World, interactions: Interactions): Person {
  return {
    say({ channel, user, text, replyTo, ping = true, forward, files = [] }) {
      const { kind } = world.userOf(user);
      if (kind === "stranger" && world.channelOf(channel).type !== "dm") {
        throw new Error("A stranger can only write in a DM.");
      }
      world.reopen(channel);
      return world.post({
        channel,
        user,
        content: text,
        mentions: mentionsOf(text, undefined, ping ? replyTo?.user : undefined),
        files: files.map(({ content, ...file }) => ({
          ...file,
          id: world.nextId(),
          content: typeof content === "string" ? new TextEncoder().encode(content) : content,
        })),
        ...(replyTo !== undefined && { replyTo: replyTo.id }),
        ...(forward !== undefined && { forwarded: forward }),
      });
    },
    edit: ({ channel, id }, text) =>
      void world.rewrite(channel, id, {
        content: text,
        mentions: mentionsOf(text, undefined, undefined),
      }),
    remove: ({ channel, id }) => world.remove(channel, id),
    purge: (channel, messages) =>
      world.purge(
        channel,
        messages.map(({ id }) => id),
      ),
    react: ({ channel, id }, user, emoji) => world.react(channel, id, user, emoji, true),
    clickButton: ({ channel, id }, customId, user) =>
      interactions.clickButton({ channel, message: id, user, customId }),
    slash: (command) => interactions.slash(command),
    openThread: ({ channel, user, name, message }) =>
      world.addThread(channel, name, user, message?.id),
    archive: (thread, { locked = false } = {}) =>
      world.setThread(thread, { archived: true, locked }),
  };
}
