import type { Conversation, PlatformName } from "./message.ts";

/** The text by which queue, thread map and journal know a conversation. */
export function conversationKey({ platform, workspace, channel, root }: Conversation): string {
  const parts: string[] = [platform, workspace, channel];
  if (root !== undefined) parts.push(root);
  return parts.join("/");
}

/** The inverse: none of a platform's ids holds a slash. */
export function parseConversation(key: string): Conversation {
  const [platform, workspace, channel, root] = key.split("/");
  if (!isPlatform(platform) || workspace === undefined || channel === undefined) {
    throw new TypeError(`"${key}" is no conversation key.`);
  }
  return root === undefined
    ? { platform, workspace, channel }
    : { platform, workspace, channel, root };
}

function isPlatform(name: string | undefined): name is PlatformName {
  return name === "slack" || name === "discord";
}

/**
 * The beginning of every conversation key to which a message of this channel can belong. Discord's message ids are
 * unique, and a thread that an answer opens is a channel of its own; Slack's are unique within a channel.
 */
export function scopeKey({ platform, workspace, channel }: Conversation): string {
  return platform === "discord"
    ? `${platform}/${workspace}`
    : `${platform}/${workspace}/${channel}`;
}
