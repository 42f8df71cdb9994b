import type { APIApplicationCommand, APIEmbed } from "discord-api-types/v10";

import type { Changes } from "./changes.ts";
import { pingsOf } from "./mentions.ts";
import type {
  DiscordChannel,
  DiscordMessage,
  DiscordUser,
  Draft,
  Rewrite,
  Seed,
} from "./objects.ts";
import { refuse } from "./refusal.ts";
import { createSnowflakes } from "./snowflakes.ts";

/** The people, channels and messages of one simulated server and of the DMs with its bot. */
export type World = ReturnType<typeof createWorld>;

export function createWorld(changes: Changes, seed: Seed = {}) {
  const nextId = createSnowflakes();
  const users = new Map<string, DiscordUser>();
  const channels = new Map<string, DiscordChannel>();
  const messages = new Map<string, Map<string, DiscordMessage>>();

  const addUser = (seeded: NonNullable<Seed["users"]>[number]): DiscordUser => {
    const { name, kind = "member", pending = false } = seeded;
    const user = { id: nextId(), username: name.toLowerCase(), name, kind, pending };
    users.set(user.id, user);
    return user;
  };
  const bot = addUser({ name: "Patchbay", kind: "bot" });
  const guild = { id: nextId(), name: "Simulated", botRole: nextId() };

  const place = (channel: DiscordChannel): DiscordChannel => {
    const known = channels.has(channel.id);
    channels.set(channel.id, channel);
    if (!known) messages.set(channel.id, new Map());
    const type = channel.type !== "thread" ? "channel" : known ? "thread_changed" : "thread";
    changes.emit({ type, channel });
    return channel;
  };
  const open = { archived: false, locked: false };
  const addChannel = (name: string, topic?: string): DiscordChannel =>
    place({ id: nextId(), name, type: "text", ...(topic !== undefined && { topic }), ...open });

  const messagesOf = (channel: string): Map<string, DiscordMessage> => {
    const found = messages.get(channel);
    if (found === undefined) throw refuse(10003);
    return found;
  };
  const messageOf = (channel: string, id: string): DiscordMessage => {
    const found = messagesOf(channel).get(id);
    if (found === undefined || found.deleted) throw refuse(10008);
    return found;
  };
  const replace = (message: DiscordMessage): DiscordMessage => {
    messagesOf(message.channel).set(message.id, message);
    return message;
  };

  const world = {
    bot,
    guild,
    token: seed.token ?? "simulated-discord-token",
    users,
    channels,
    /** Application commands by guild id, or "" for the global ones. */
    commands: new Map<string, readonly APIApplicationCommand[]>(),
    /** When somebody was last seen typing, by `channel user`; milliseconds since 1970. */
    typing: new Map<string, number>(),
    nextId,
    addUser,
    addChannel,
    /** A thread's id is its starter message's id where it has one. */
    addThread: (parent: string, name: string, user: string, starter?: string): DiscordChannel =>
      place({
        id: starter ?? nextId(),
        name,
        type: "thread",
        parent,
        user,
        ...(starter !== undefined && { opening: nextId() }),
        ...open,
      }),
    /** The DM with this person; made on first use. */
    openDm: (user: string): DiscordChannel =>
      [...channels.values()].find((channel) => channel.type === "dm" && channel.user === user) ??
      place({ id: nextId(), name: "", type: "dm", user, ...open }),
    setThread: (
      id: string,
      state: { readonly archived: boolean; readonly locked: boolean },
    ): void => void place({ ...world.channelOf(id), ...state }),
    /** Whoever posts in an archived thread opens it again, unless it is locked. */
    reopen(id: string): void {
      const { archived, locked } = world.channelOf(id);
      if (locked) throw refuse(160005);
      if (archived) world.setThread(id, { archived: false, locked: false });
    },
    channelOf(id: string): DiscordChannel {
      const found = channels.get(id);
      if (found === undefined) throw refuse(10003);
      return found;
    },
    userOf(id: string): DiscordUser {
      const found = users.get(id);
      if (found === undefined) throw refuse(10013);
      return found;
    },
    messagesOf,
    /** The message; a refusal where it does not exist or was deleted. */
    messageOf,
    post(draft: Draft): DiscordMessage {
      const message: DiscordMessage = {
        id: nextId(),
        files: [],
        embeds: [],
        components: [],
        flags: 0,
        ...draft,
        original: draft.content,
        edits: [],
        reactions: new Map(),
        pings: pingsOf(draft.mentions),
        deleted: false,
      };
      replace(message);
      changes.emit({ type: "posted", message });
      return message;
    },
    rewrite(channel: string, id: string, change: Rewrite): DiscordMessage {
      const old = messageOf(channel, id);
      const content = change.content ?? old.content;
      const pings = new Set([...old.pings, ...(change.mentions ? pingsOf(change.mentions) : [])]);
      const edits = [...old.edits, { at: Date.now(), content }];
      const message = replace({ ...old, ...change, content, edits, pings: [...pings] });
      changes.emit({ type: "edited", message });
      return message;
    },
    remove(channel: string, id: string): void {
      const message = replace({ ...messageOf(channel, id), deleted: true });
      changes.emit({ type: "deleted", message, bulk: false });
    },
    /** What moderators' tools do: many messages of one channel at once. */
    purge(channel: string, ids: readonly string[]): void {
      for (const id of ids) {
        const message = replace({ ...messageOf(channel, id), deleted: true });
        changes.emit({ type: "deleted", message, bulk: true });
      }
      changes.emit({ type: "purged", channel, ids });
    },
    /** Discord itself adds the preview of a link: that is an update, but no edit. */
    unfurl(channel: string, id: string, embed: APIEmbed): void {
      const message = replace({ ...messageOf(channel, id), embeds: [embed] });
      changes.emit({ type: "edited", message });
    },
    react(channel: string, id: string, user: string, emoji: string, added: boolean): void {
      const old = messageOf(channel, id);
      const others = (old.reactions.get(emoji) ?? []).filter((other) => other !== user);
      const reactions = new Map(old.reactions).set(emoji, added ? [...others, user] : others);
      const message = replace({ ...old, reactions });
      changes.emit({ type: "reaction", message, emoji, user, added });
    },
    type(channel: string, user: string): void {
      const at = Date.now();
      world.typing.set(`${world.channelOf(channel).id} ${user}`, at);
      changes.emit({ type: "typing", channel, user, at });
    },
  };

  for (const user of seed.users ?? [{ name: "Ana" }, { name: "Lee" }]) addUser(user);
  for (const channel of seed.channels ?? ["ops"]) {
    if (typeof channel === "string") addChannel(channel);
    else addChannel(channel.name, channel.topic);
  }
  return world;
}
