import {
  channelSettings,
  type Channel,
  type ChannelSettings,
  type Settings,
} from "../settings/settings.ts";
import type { ChannelInfo, Conversation, IncomingMessage, Standing } from "./message.ts";

/** Why somebody is told something instead of being answered. */
export type Notice =
  | "guest"
  | "external"
  | "stranger"
  | "direct_messages_off"
  | "too_many"
  | "queue_full";

/** Why this person is not answered here; undefined for the audience. */
export function refusalOf(
  {
    standing,
    addressed,
  }: { readonly standing: Standing; readonly addressed?: IncomingMessage["addressed"] },
  { audience }: Settings,
): Notice | undefined {
  if (addressed === "direct" && audience.directMessages === "off") return "direct_messages_off";
  switch (standing) {
    case "member":
      return undefined;
    case "guest":
      return audience.guests ? undefined : "guest";
    case "external":
      return audience.external ? undefined : "external";
    case "stranger":
      return audience.directMessages === "anyone" ? undefined : "stranger";
  }
}

/** What patchbay.yml says about where a message was written. */
export function settingsAt(
  settings: Settings,
  { conversation, where }: { readonly conversation: Conversation; readonly where: ChannelInfo },
): ChannelSettings {
  const channel: Channel = {
    platform: conversation.platform,
    workspace: conversation.workspace,
    channelId: conversation.channel,
    ...(where.name !== undefined && { channelName: where.name }),
    ...(where.parent !== undefined && { parentChannel: where.parent }),
  };
  return channelSettings(settings, channel);
}
