import type {
  APIAttachment,
  APIChannel,
  APIDMChannel,
  APIGuildMember,
  APIMessage,
  APIPublicThreadChannel,
  APITextChannel,
  APIUser,
  GatewayMessageCreateDispatchData,
} from "discord-api-types/v10";

import { timeOf } from "./snowflakes.ts";
import type { DiscordChannel, DiscordFile, DiscordMessage, DiscordUser } from "./objects.ts";
import type { World } from "./world.ts";

/** What Discord sends and answers for the world's objects, held to the types that Discord publishes. */
export type Payloads = ReturnType<typeof createPayloads>;

/** Discord sends `channel_type` with message events; these types do not know it yet. */
export type MessageEvent = GatewayMessageCreateDispatchData & { channel_type: number };

/** Message types. */
const DEFAULT = 0;
const REPLY = 19;
const THREAD_STARTER = 21;
const ARCHIVE_MINUTES = 1440;

export function createPayloads(
  world: World,
  urlOf: (message: DiscordMessage, file: DiscordFile) => string,
) {
  const user = (id: string): APIUser => {
    const { username, name, kind } = world.userOf(id);
    return {
      id,
      username,
      discriminator: kind === "webhook" ? "0000" : "0",
      global_name: kind === "webhook" ? null : name,
      avatar: null,
      ...((kind === "bot" || kind === "webhook") && { bot: true }),
    };
  };

  const memberOf = ({ id, pending }: DiscordUser) => ({
    roles: id === world.bot.id ? [world.guild.botRole] : [],
    joined_at: iso(id),
    deaf: false,
    mute: false,
    flags: 0,
    pending,
  });

  const member = (person: DiscordUser): APIGuildMember => ({
    ...memberOf(person),
    user: user(person.id),
  });

  const attachment = (message: DiscordMessage, file: DiscordFile): APIAttachment => ({
    id: file.id,
    filename: file.name,
    content_type: file.type,
    size: file.content.length,
    url: urlOf(message, file),
    proxy_url: urlOf(message, file),
    ...(file.duration !== undefined && { duration_secs: file.duration, waveform: "AAAA" }),
  });

  const body = (message: DiscordMessage): APIMessage => ({
    id: message.id,
    type: typeOfMessage(message),
    channel_id: message.channel,
    author: user(message.user),
    content: message.content,
    timestamp: iso(message.id),
    edited_timestamp: message.edits.length === 0 ? null : iso(undefined, message.edits.at(-1)?.at),
    tts: false,
    mention_everyone: message.mentions.everyone,
    mentions: message.mentions.users.map(user),
    mention_roles: [...message.mentions.roles],
    attachments: message.files.map((file) => attachment(message, file)),
    embeds: [...message.embeds],
    components: [...message.components],
    pinned: false,
    flags: message.flags,
    ...(world.userOf(message.user).kind === "webhook" && { webhook_id: message.user }),
    ...(message.reactions.size > 0 && { reactions: reactions(message) }),
  });

  const reactions = (message: DiscordMessage): NonNullable<APIMessage["reactions"]> =>
    [...message.reactions].map(([emoji, people]) => ({
      count: people.length,
      count_details: { burst: 0, normal: people.length },
      me: people.includes(world.bot.id),
      me_burst: false,
      emoji: emojiOf(emoji),
      burst_colors: [],
    }));

  const references = (message: DiscordMessage): Partial<APIMessage> => {
    if (message.forwarded !== undefined) {
      const { id, channel_id, author: _, ...held } = body(message.forwarded);
      const flags: number = held.flags ?? 0;
      return {
        message_reference: { type: 1, channel_id, message_id: id },
        message_snapshots: [{ message: { ...held, flags } }],
      };
    }
    if (message.opens !== undefined) {
      const { id, channel: channel_id, deleted } = message.opens;
      return {
        message_reference: { type: 0, channel_id, message_id: id, guild_id: world.guild.id },
        referenced_message: deleted ? null : body(message.opens),
      };
    }
    if (message.replyTo === undefined) return {};
    const held = world.messagesOf(message.channel).get(message.replyTo);
    return {
      message_reference: {
        type: 0,
        channel_id: message.channel,
        message_id: message.replyTo,
        ...(guildOf(message.channel) !== undefined && { guild_id: world.guild.id }),
      },
      referenced_message:
        held === undefined || held.deleted
          ? null
          : // The replied message comes with its own reference, but not with the message behind that.
            { ...body(held), ...withoutMessage(references(held)) },
    };
  };

  const guildOf = (channel: string): string | undefined =>
    world.channelOf(channel).type === "dm" ? undefined : world.guild.id;

  const threadFrom = (message: DiscordMessage): Partial<APIMessage> => {
    const thread = world.channels.get(message.id);
    return thread === undefined ? {} : { thread: channel(thread) };
  };

  /** As REST answers: without the nonce, which only the creator's answer and the gateway carry. */
  const message = (held: DiscordMessage): APIMessage => ({
    ...body(held),
    ...references(held),
    ...threadFrom(held),
  });

  const messageEvent = (held: DiscordMessage): MessageEvent => {
    const author = world.userOf(held.user);
    const guild_id = guildOf(held.channel);
    const joined = guild_id !== undefined && author.kind !== "webhook";
    return {
      ...message(held),
      mentions: held.mentions.users.map((id) => ({
        ...user(id),
        ...(guild_id !== undefined && { member: memberOf(world.userOf(id)) }),
      })),
      channel_type: typeOf(world.channelOf(held.channel)),
      ...(held.nonce !== undefined && { nonce: held.nonce }),
      ...(guild_id !== undefined && { guild_id }),
      ...(joined && { member: memberOf(author) }),
    };
  };

  const channel = (held: DiscordChannel): APIChannel => {
    switch (held.type) {
      case "dm":
        return dm(held);
      case "thread":
        return thread(held);
      case "text":
        return text(held);
    }
  };

  /** The newest message that was ever there; Discord keeps the id of one that was deleted, too. */
  const newestIn = (id: string): string | null => [...world.messagesOf(id).keys()].at(-1) ?? null;

  const dm = ({ id, user: person }: DiscordChannel): APIDMChannel => ({
    id,
    type: 1,
    name: null,
    last_message_id: newestIn(id),
    recipients: person === undefined ? [] : [user(person)],
  });

  const text = (held: DiscordChannel): APITextChannel => ({
    id: held.id,
    type: 0,
    guild_id: world.guild.id,
    name: held.name,
    position: 0,
    permission_overwrites: [],
    parent_id: null,
    topic: held.topic ?? null,
    nsfw: false,
    last_message_id: newestIn(held.id),
  });

  const thread = (held: DiscordChannel): APIPublicThreadChannel => ({
    id: held.id,
    type: 11,
    guild_id: world.guild.id,
    ...(held.parent !== undefined && { parent_id: held.parent }),
    name: held.name,
    owner_id: held.user ?? world.bot.id,
    last_message_id: newestIn(held.id),
    message_count: world.messagesOf(held.id).size,
    member_count: 1,
    total_message_sent: world.messagesOf(held.id).size,
    thread_metadata: {
      archived: held.archived,
      locked: held.locked,
      auto_archive_duration: ARCHIVE_MINUTES,
      archive_timestamp: iso(held.id),
    },
  });

  return { user, member, message, messageEvent, channel, text, thread, guildOf };
}

function typeOfMessage({ opens, replyTo }: DiscordMessage): number {
  if (opens !== undefined) return THREAD_STARTER;
  return replyTo === undefined ? DEFAULT : REPLY;
}

export function typeOf(channel: DiscordChannel): 0 | 1 | 11 {
  return ({ text: 0, dm: 1, thread: 11 } as const)[channel.type];
}

/** `name:id` for a custom emoji, the character itself for any other. */
export function emojiOf(emoji: string): { id: string | null; name: string } {
  const [name = emoji, id = null] = emoji.split(":");
  return { id, name };
}

export function iso(id: string | undefined, at = timeOf(id ?? "0")): string {
  return new Date(at).toISOString();
}

function withoutMessage({ message_reference }: Partial<APIMessage>): Partial<APIMessage> {
  return message_reference === undefined ? {} : { message_reference };
}
