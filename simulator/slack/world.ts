import type { types } from "@slack/bolt";
import type { Stream } from "./stream.ts";

/** The people, channels, messages and files of one simulated workspace, under Slack's own names. */

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  readonly real_name: string;
  /** Another team than the world's makes a stranger from Slack Connect. */
  readonly team_id: string;
  readonly is_bot: boolean;
  /** A guest. */
  readonly is_restricted: boolean;
  /** A guest of a single channel. */
  readonly is_ultra_restricted?: boolean;
  /** Of another team and in no channel with the bot; by default everybody of another team. */
  readonly is_stranger?: boolean;
  /** The Enterprise Grid organisation. */
  readonly enterprise_id?: string;
  readonly bot_id?: string;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly type: "channel" | "group" | "im" | "mpim";
  readonly members: Set<string>;
  /** The person at the other end of an `im`. */
  readonly user?: string;
  /** As the API carries it: entities stay encoded. */
  topic: string;
}

export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly user: string;
  readonly created: number;
  readonly content: Buffer;
  /** In messages it is shown by its id alone, as Slack Connect does; files.info tells the rest. */
  readonly byIdOnly?: boolean;
}

/** Somebody's message as it hangs on the one that it was forwarded with. */
export interface SharedMessage extends types.MessageAttachment {
  readonly is_share: true;
  readonly is_msg_unfurl: true;
  readonly author_id: string;
  readonly channel_id: string;
  readonly message_blocks: readonly unknown[];
  readonly files?: readonly unknown[];
}

/** What Slack shows of a page that a message links to. */
export interface LinkPreview extends types.MessageAttachment {
  readonly from_url: string;
}

/** What an app suggests to write, at the top of its conversation with somebody. */
export interface SuggestedPrompts {
  readonly title?: string;
  readonly prompts: readonly { readonly title: string; readonly message: string }[];
}

export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly bot_id?: string;
  readonly subtype?: "file_share" | "thread_broadcast" | "tombstone";
  readonly thread_ts?: string;
  /** As the API carries it: entities stay encoded. */
  text: string;
  /** The text it was posted with. */
  readonly original: string;
  /** The texts it was given later, oldest first, and when (milliseconds since 1970). */
  readonly edits: { readonly at: number; readonly text: string }[];
  blocks: readonly types.AnyBlock[];
  readonly files: readonly SlackFile[];
  readonly attachments: readonly (SharedMessage | LinkPreview | types.MessageAttachment)[];
  metadata?: types.MessageMetadata;
  readonly reactions: Map<string, Set<string>>;
  edited?: { readonly user: string; readonly ts: string };
  readonly stream?: Stream;
}

export interface Seed {
  readonly team?: { readonly id: string; readonly name: string };
  readonly users?: readonly (Partial<SlackUser> & { readonly id: string })[];
  readonly channels?: readonly {
    readonly id: string;
    readonly name: string;
    readonly type?: SlackChannel["type"];
    readonly topic?: string;
    readonly members?: readonly string[];
  }[];
  readonly tokens?: Partial<Tokens>;
  /** Scopes granted to the bot token; all that the simulator knows by default. */
  readonly scopes?: readonly string[];
}

interface Tokens {
  readonly bot: string;
  readonly app: string;
  readonly signingSecret: string;
}

export type World = ReturnType<typeof createWorld>;

const ALL_SCOPES: readonly string[] = [
  "app_mentions:read",
  "assistant:write",
  "channels:history",
  "channels:read",
  "chat:write",
  "commands",
  "files:read",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "mpim:history",
  "mpim:read",
  "reactions:read",
  "reactions:write",
  "users:read",
];

const ANA = { id: "U0ANA", name: "ana", real_name: "Ana" };
const LEE = { id: "U0LEE", name: "lee", real_name: "Lee" };

export function createWorld(seed: Seed = {}) {
  const team = seed.team ?? { id: "T0SIM", name: "Simulated" };
  const bot = { user_id: "U0BOT", bot_id: "B0BOT", app_id: "A0BOT", name: "patchbay" };
  const users = new Map<string, SlackUser>();
  const channels = new Map<string, SlackChannel>();
  const messages = new Map<string, Map<string, SlackMessage>>();
  const files = new Map<string, SlackFile>();
  let lastTs = 0;
  let ids = 0;

  const world = {
    team,
    bot,
    tokens: {
      bot: "xoxb-simulator",
      app: "xapp-simulator",
      signingSecret: "simulator-signing-secret",
      ...seed.tokens,
    },
    scopes: new Set(seed.scopes ?? ALL_SCOPES),
    users,
    channels,
    files,
    /** Files that were announced by files.getUploadURLExternal and are not complete. */
    uploads: new Map<
      string,
      { readonly name: string; readonly length: number; content?: Buffer }
    >(),
    /** Assistant status and agent session status by `channel thread_ts`. */
    statuses: new Map<string, string>(),
    sessions: new Map<string, string>(),
    titles: new Map<string, string>(),
    /** Home tabs by user. */
    homes: new Map<string, types.View>(),
    /** Suggested prompts by channel. */
    prompts: new Map<string, SuggestedPrompts>(),
    nextId: (prefix: string): string => `${prefix}0${String((ids += 1)).padStart(5, "0")}`,
    /** Like Slack's: seconds with six decimals, and never the same one twice. */
    nextTs(): string {
      lastTs = Math.max(lastTs + 1, Date.now() * 1000);
      return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, "0")}`;
    },
    addUser(user: Partial<SlackUser> & { readonly id: string }): SlackUser {
      const whole: SlackUser = {
        name: user.id.toLowerCase(),
        real_name: user.name ?? user.id,
        team_id: team.id,
        is_bot: false,
        is_restricted: false,
        ...user,
      };
      users.set(whole.id, whole);
      return whole;
    },
    /** Without `members`, everybody who is known now and the bot. */
    addChannel({
      id,
      name,
      type = "channel",
      topic = "",
      members,
    }: NonNullable<Seed["channels"]>[number]): SlackChannel {
      const channel: SlackChannel = {
        id,
        name,
        type,
        topic,
        members: new Set(members ?? users.keys()),
      };
      channels.set(id, channel);
      messages.set(id, new Map());
      return channel;
    },
    /** The direct messages between the bot and this person; made on first use. */
    openIm(user: string): SlackChannel {
      const known = [...channels.values()].find(
        (channel) => channel.type === "im" && channel.user === user,
      );
      if (known !== undefined) return known;
      const id = `D${user.slice(1)}`;
      const channel: SlackChannel = {
        id,
        name: user,
        type: "im",
        user,
        topic: "",
        members: new Set([user, bot.user_id]),
      };
      channels.set(id, channel);
      messages.set(id, new Map());
      return channel;
    },
    /** The channel's messages by ts; throws for a channel that does not exist. */
    messagesOf(channel: string): Map<string, SlackMessage> {
      const found = messages.get(channel);
      if (found === undefined) throw new Error(`The simulated Slack has no channel ${channel}.`);
      return found;
    },
  };

  const { user_id: id, bot_id, name } = bot;
  world.addUser({ id, bot_id, name, real_name: "Patchbay", is_bot: true });
  for (const user of seed.users ?? [ANA, LEE]) world.addUser(user);
  for (const channel of seed.channels ?? [{ id: "C0OPS", name: "ops" }]) world.addChannel(channel);
  return world;
}

export function threadKey(channel: string, thread_ts: string): string {
  return `${channel} ${thread_ts}`;
}
