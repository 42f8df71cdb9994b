import type { Method } from "./requests.ts";
import type { SlackChannel, World } from "./world.ts";

const SCOPES: Partial<Readonly<Record<Method, string>>> = {
  "agents.sessions.setStatus": "chat:write",
  "assistant.threads.setStatus": "assistant:write",
  "assistant.threads.setSuggestedPrompts": "assistant:write",
  "assistant.threads.setTitle": "assistant:write",
  "chat.appendStream": "chat:write",
  "chat.delete": "chat:write",
  "chat.postEphemeral": "chat:write",
  "chat.postMessage": "chat:write",
  "chat.startStream": "chat:write",
  "chat.stopStream": "chat:write",
  "chat.update": "chat:write",
  "conversations.open": "im:write",
  "files.completeUploadExternal": "files:write",
  "files.getUploadURLExternal": "files:write",
  "files.info": "files:read",
  "reactions.add": "reactions:write",
  "reactions.remove": "reactions:write",
  "users.info": "users:read",
};

const FAMILIES: Readonly<Record<SlackChannel["type"], string>> = {
  channel: "channels",
  group: "groups",
  im: "im",
  mpim: "mpim",
};

/** The scope that a call needs and the bot token has not, or undefined. */
export function missingScope(
  world: World,
  method: Method,
  conversation: string,
): string | undefined {
  const needed = SCOPES[method] ?? conversationScope(world, method, conversation);
  return needed === undefined || world.scopes.has(needed) ? undefined : needed;
}

/** What reading a conversation needs depends on its kind. */
function conversationScope(world: World, method: Method, conversation: string): string | undefined {
  const family = FAMILIES[world.channels.get(conversation)?.type ?? "channel"];
  if (method === "conversations.history" || method === "conversations.replies")
    return `${family}:history`;
  if (method === "conversations.info" || method === "conversations.members")
    return `${family}:read`;
  return undefined;
}
