import type { Client } from "discord.js";

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
    parent(id) {
      const channel = channelOf(id);
      return channel?.isThread() === true ? (channel.parentId ?? undefined) : undefined;
    },
  };
  return { directory, fill: (connected) => void (client = connected) };
}
