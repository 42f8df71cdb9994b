import type { Change } from "./changes.ts";
import { emojiOf, type MessageEvent, type Payloads } from "./payloads.ts";
import type { Dispatch } from "./sessions.ts";
import type { DiscordMessage, World } from "./world.ts";

/** Gateway intents, by the bit that IDENTIFY sets. */
export const INTENT = {
  guilds: 1 << 0,
  guildMembers: 1 << 1,
  guildPresences: 1 << 8,
  guildMessages: 1 << 9,
  guildReactions: 1 << 10,
  guildTyping: 1 << 11,
  directMessages: 1 << 12,
  directReactions: 1 << 13,
  directTyping: 1 << 14,
  messageContent: 1 << 15,
} as const;

/** An event, and the intent without which a session does not get it. */
export interface Outgoing {
  readonly intent: number;
  /** Depends on the session's intents, since message content is withheld from some. */
  readonly dispatch: (intents: number) => Dispatch;
}

/** The gateway event that tells of this change; most inner changes have none. */
export function outgoing(world: World, payloads: Payloads, change: Change): Outgoing | undefined {
  const direct = (channel: string): boolean => payloads.guildOf(channel) === undefined;
  const guild = (channel: string): { guild_id?: string } => {
    const guild_id = payloads.guildOf(channel);
    return guild_id === undefined ? {} : { guild_id };
  };
  switch (change.type) {
    case "posted":
    case "edited": {
      const { message } = change;
      if (message.onlyFor !== undefined) return undefined;
      const t = change.type === "posted" ? "MESSAGE_CREATE" : "MESSAGE_UPDATE";
      return {
        intent: direct(message.channel) ? INTENT.directMessages : INTENT.guildMessages,
        dispatch: (intents) => named(t, content(world, payloads, message, intents)),
      };
    }
    case "deleted": {
      const { id, channel, onlyFor } = change.message;
      if (onlyFor !== undefined) return undefined;
      return {
        intent: direct(channel) ? INTENT.directMessages : INTENT.guildMessages,
        dispatch: () => named("MESSAGE_DELETE", { id, channel_id: channel, ...guild(channel) }),
      };
    }
    case "reaction": {
      const { message, user, emoji, added } = change;
      const { channel, id } = message;
      const d = {
        user_id: user,
        channel_id: channel,
        message_id: id,
        emoji: emojiOf(emoji),
        type: 0,
      };
      const author = { burst: false, message_author_id: message.user };
      return {
        intent: direct(channel) ? INTENT.directReactions : INTENT.guildReactions,
        dispatch: () =>
          named(added ? "MESSAGE_REACTION_ADD" : "MESSAGE_REACTION_REMOVE", {
            ...d,
            ...author,
            ...guild(channel),
          }),
      };
    }
    case "typing": {
      const { channel, user, at } = change;
      const d = { channel_id: channel, user_id: user, timestamp: Math.floor(at / 1000) };
      return {
        intent: direct(channel) ? INTENT.directTyping : INTENT.guildTyping,
        dispatch: () => named("TYPING_START", { ...d, ...guild(channel) }),
      };
    }
    case "channel":
      if (change.channel.type === "dm") return undefined;
      return {
        intent: INTENT.guilds,
        dispatch: () => named("CHANNEL_CREATE", payloads.channel(change.channel)),
      };
    case "thread":
      return {
        intent: INTENT.guilds,
        dispatch: () =>
          named("THREAD_CREATE", { ...payloads.thread(change.channel), newly_created: true }),
      };
    case "thread_changed":
      return {
        intent: INTENT.guilds,
        dispatch: () => named("THREAD_UPDATE", payloads.thread(change.channel)),
      };
    case "interaction":
      return { intent: 0, dispatch: () => named("INTERACTION_CREATE", change.interaction.payload) };
    case "answered":
    case "called":
    case "sockets":
      return undefined;
  }
}

/**
 * The message, without its content for a session that lacks the MessageContent intent.
 * DMs, the bot's own messages, mentions of it and replies to it keep theirs.
 */
function content(
  world: World,
  payloads: Payloads,
  message: DiscordMessage,
  intents: number,
): MessageEvent {
  const event = payloads.messageEvent(message);
  const concerned =
    message.user === world.bot.id ||
    message.mentions.users.includes(world.bot.id) ||
    event.referenced_message?.author.id === world.bot.id ||
    event.guild_id === undefined;
  if (concerned || (intents & INTENT.messageContent) !== 0) return event;
  return { ...event, content: "", embeds: [], attachments: [], components: [] };
}

function named(t: string, d: unknown): Dispatch {
  return { t, d };
}
