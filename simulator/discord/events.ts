import type { Change } from "./changes.ts";
import { emojiOf, type MessageEvent, type Payloads } from "./payloads.ts";
import type { Dispatch } from "./sessions.ts";
import type { DiscordMessage } from "./objects.ts";
import type { World } from "./world.ts";

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
      if (onlyFor !== undefined || change.bulk) return undefined;
      return {
        intent: direct(channel) ? INTENT.directMessages : INTENT.guildMessages,
        dispatch: () => named("MESSAGE_DELETE", { id, channel_id: channel, ...guild(channel) }),
      };
    }
    case "purged": {
      const { channel, ids } = change;
      return {
        intent: INTENT.guildMessages,
        dispatch: () =>
          named("MESSAGE_DELETE_BULK", { ids, channel_id: channel, ...guild(channel) }),
      };
    }
    case "reaction": {
      const { channel } = change.message;
      return {
        intent: direct(channel) ? INTENT.directReactions : INTENT.guildReactions,
        dispatch: () => reaction(world, payloads, change),
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

/** Whoever adds one is told of as a member of the server, and so is whose message it is. */
function reaction(
  world: World,
  payloads: Payloads,
  { message, user, emoji, added }: Extract<Change, { type: "reaction" }>,
): Dispatch {
  const { channel, id } = message;
  const guild_id = payloads.guildOf(channel);
  const d = {
    user_id: user,
    channel_id: channel,
    message_id: id,
    emoji: emojiOf(emoji),
    burst: false,
    type: 0,
    ...(guild_id !== undefined && { guild_id }),
  };
  if (!added) return named("MESSAGE_REACTION_REMOVE", d);
  return named("MESSAGE_REACTION_ADD", {
    ...d,
    message_author_id: message.user,
    ...(guild_id !== undefined && { member: payloads.member(world.userOf(user)) }),
  });
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
