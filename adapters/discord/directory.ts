import type { Channel, Client } from "discord.js";

import type { ChannelInfo } from "../../src/relay/message.ts";

/** What is known of a channel. */
export interface Described {
  /** Null for a DM. */
  readonly guild: string | null;
  readonly thread: boolean;
  readonly where: ChannelInfo;
  /** The id of its newest message, at least; undefined where it is not known. */
  readonly newest: string | undefined;
}

/** The names that the gateway told, as long as it told them; they are asked for nowhere else. */
export interface Directory {
  /** Servers that the bot is in, those first where this person was seen lately. */
  guilds(user: string): readonly string[];
  /** The name that a person goes by in a server. */
  member(guild: string, user: string): string | undefined;
  role(guild: string, role: string): string | undefined;
  /** The role that Discord manages for the bot. */
  ownRole(guild: string): string | undefined;
  channel(channel: string): string | undefined;
  describe(channel: string): Described | undefined;
  /** The name of a person, wherever they were seen. */
  user(user: string): string | undefined;
  /** The channel that a thread belongs to. */
  parent(thread: string): string | undefined;
}

/** Empty until it is filled by the gateway's client, and for good on a process that never connects it. */
export function createDirectory(): { directory: Directory; fill: (client: Client<true>) => void } {
  let client: Client<true> | undefined;
  const guildOf = (id: string) => client?.guilds.cache.get(id);
  const channelOf = (id: string) => client?.channels.cache.get(id);
  const directory: Directory = {
    guilds(user) {
      const all = [...(client?.guilds.cache.values() ?? [])];
      const seen = all.filter(({ members }) => members.cache.has(user));
      return [...new Set([...seen, ...all])].map(({ id }) => id);
    },
    member: (guild, user) => guildOf(guild)?.members.cache.get(user)?.displayName,
    role: (guild, role) => guildOf(guild)?.roles.cache.get(role)?.name,
    ownRole: (guild) =>
      guildOf(guild)?.roles.cache.find(({ tags }) => tags?.botId === client?.user.id)?.id,
    channel(id) {
      const channel = channelOf(id);
      return channel !== undefined && "name" in channel ? (channel.name ?? undefined) : undefined;
    },
    describe(id) {
      const channel = channelOf(id);
      return channel && describe(channel);
    },
    user: (id) => client?.users.cache.get(id)?.displayName,
    parent(id) {
      const channel = channelOf(id);
      return channel?.isThread() === true ? (channel.parentId ?? undefined) : undefined;
    },
  };
  return { directory, fill: (connected) => void (client = connected) };
}

function describe(channel: Channel): Described {
  const newest = "lastMessageId" in channel ? (channel.lastMessageId ?? undefined) : undefined;
  const where = whereOf(channel);
  if (channel.isDMBased()) return { guild: null, thread: false, where, newest };
  return { guild: channel.guildId, thread: channel.isThread(), where, newest };
}

/** What this channel is called, as far as discord.js knows it. */
export function whereOf(channel: Channel | null): ChannelInfo {
  if (channel === null || channel.isDMBased()) return {};
  const { name } = channel;
  if (!channel.isThread()) {
    const topic = "topic" in channel ? channel.topic : null;
    return { name, ...(topic !== null && topic !== "" && { topic }) };
  }
  const { parentId: id, parent } = channel;
  if (id === null) return { name };
  return { name, parent: { id, ...(parent !== null && { name: parent.name }) } };
}
