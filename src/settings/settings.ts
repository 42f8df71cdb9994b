import type { PlatformName } from "../relay/message.ts";
import { type ChannelKey, type PersonKey, plainName } from "./keys.ts";
import type { SettingsInput } from "./schema.ts";

/** What patchbay.yml says, with the defaults put in. Frozen through and through; a changed file makes a new one. */
export interface Settings {
  readonly admins: readonly PersonKey[];
  readonly audience: {
    readonly guests: boolean;
    readonly external: boolean;
    readonly directMessages: "members" | "anyone" | "off";
  };
  /** In the file's order; one of them is `defaultAssistant`. */
  readonly assistants: readonly Assistant[];
  readonly defaultAssistant: Assistant;
  readonly channels: readonly ChannelRule[];
  readonly limits: {
    /** Undefined: no such limit. */
    readonly perPersonPerHour: number | undefined;
    readonly perDay: Money | undefined;
    /** Milliseconds. */
    readonly turnTimeout: number;
  };
  /** A name that Intl.DateTimeFormat knows. */
  readonly timeZone: string;
  /** Milliseconds of silence after which a direct message starts a fresh thread. */
  readonly directMessagesFreshAfter: number;
  readonly catchUp: { readonly messages: number; readonly characters: number };
}

export interface Assistant {
  readonly key: string;
  readonly name: string;
  /** Undefined: the environment's OPENAI_MODEL. */
  readonly model: string | undefined;
  readonly instructions: string;
  /** Function names; "*" is every tool. */
  readonly tools: readonly string[] | "*";
  readonly temperature: number | undefined;
  readonly reasoningEffort: SettingsInput["assistants"][string]["reasoning_effort"];
}

export interface Money {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

export interface ChannelSettings {
  readonly assistant: Assistant;
  readonly answer: "mention" | "thread" | "all";
  /** Undefined: the platform's own way, threads on Slack and reply chains on Discord. */
  readonly conversation: "thread" | "channel" | undefined;
}

export interface ChannelRule extends ChannelSettings {
  readonly key: ChannelKey;
}

/** Where a message was written, in the platform's own ids. */
export interface Channel {
  readonly platform: PlatformName;
  readonly workspace: string;
  readonly channelId: string;
  readonly channelName?: string;
  /** Of a Discord thread, which is a channel of its own: the channel that it hangs on. */
  readonly parentChannel?: { readonly id: string; readonly name?: string };
}

/**
 * What holds in a channel: one whole entry of `channels`, or the defaults. The channel's own id goes before its
 * parent's id, ids before names, and a name with its workspace before one without. A thread's own name decides
 * nothing: whoever opens a thread chooses it, and could choose another channel's.
 */
export function channelSettings(settings: Settings, channel: Channel): ChannelSettings {
  const { platform, workspace, channelId, channelName, parentChannel } = channel;
  const name = parentChannel === undefined ? channelName : parentChannel.name;
  const here = settings.channels.filter(
    ({ key }) =>
      key.platform === platform && (key.workspace === undefined || key.workspace === workspace),
  );
  const named = here.filter(({ key }) => name !== undefined && key.name === plainName(name));
  return (
    here.find(({ key }) => key.id === channelId) ??
    here.find(({ key }) => key.id !== undefined && key.id === parentChannel?.id) ??
    named.find(({ key }) => key.workspace !== undefined) ??
    named[0] ?? {
      assistant: settings.defaultAssistant,
      answer: "thread",
      conversation: undefined,
    }
  );
}

/** Who answers in a channel. */
export function assistantOf(settings: Settings, channel: Channel): Assistant {
  return channelSettings(settings, channel).assistant;
}

export function isAdmin(settings: Settings, platform: PlatformName, personId: string): boolean {
  return settings.admins.some((admin) => admin.platform === platform && admin.id === personId);
}
