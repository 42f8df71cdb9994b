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

/** Before the gateway is connected, and on a process that never connects it. */
export const EMPTY: Directory = {
  guilds: () => [],
  member: () => undefined,
  role: () => undefined,
  ownRole: () => undefined,
  channel: () => undefined,
  parent: () => undefined,
};

export function createDirectory(client: Client<true>): Directory {
  const roles = (guild: string) => client.guilds.cache.get(guild)?.roles.cache;
  const channelOf = (id: string) => client.channels.cache.get(id);
  return {
    guilds(user) {
      const all = [...client.guilds.cache.values()];
      const [near, far] = [true, false].map((seen) =>
        all.filter(({ members }) => members.cache.has(user) === seen).map(({ id }) => id),
      );
      return [...(near ?? []), ...(far ?? [])];
    },
    member: (guild, user) => client.guilds.cache.get(guild)?.members.cache.get(user)?.displayName,
    role: (guild, role) => roles(guild)?.get(role)?.name,
    ownRole: (guild) => roles(guild)?.find(({ tags }) => tags?.botId === client.user.id)?.id,
    channel(id) {
      const channel = channelOf(id);
      return channel !== undefined && "name" in channel ? (channel.name ?? undefined) : undefined;
    },
    parent(id) {
      const channel = channelOf(id);
      return channel?.isThread() === true ? (channel.parentId ?? undefined) : undefined;
    },
  };
}
