/**
 * What the app asks Slack for, with the reason. manifest.yml at the root of the repository says the same, and a test
 * holds the two equal.
 */

/** Event subscriptions, as the manifest names them; each has a listener in listeners.ts. */
export const EVENTS: readonly string[] = [
  "agent_session_stopped",
  "app_context_changed",
  "app_home_opened",
  "app_mention",
  "message.channels",
  "message.groups",
  "message.im",
  "message.mpim",
  "reaction_added",
];

/** Bot scopes, each with what it is needed for: events, or methods of the Web API. */
export const SCOPES: Readonly<Record<string, readonly string[]>> = {
  "app_mentions:read": ["app_mention"],
  "assistant:write": [
    "agent_session_stopped",
    "app_context_changed",
    "assistant.threads.setStatus",
    "assistant.threads.setSuggestedPrompts",
  ],
  "channels:history": ["message.channels", "conversations.replies"],
  "channels:read": ["conversations.info"],
  "chat:write": [
    "agents.sessions.setStatus",
    "chat.appendStream",
    "chat.delete",
    "chat.postMessage",
    "chat.startStream",
    "chat.stopStream",
    "chat.update",
  ],
  commands: ["/patchbay"],
  "files:read": ["files.info", "download"],
  "files:write": ["files.getUploadURLExternal", "files.completeUploadExternal"],
  "groups:history": ["message.groups", "conversations.replies"],
  "groups:read": ["conversations.info"],
  "im:history": ["message.im", "conversations.history", "conversations.replies"],
  "mpim:history": ["message.mpim", "conversations.replies"],
  "reactions:read": ["reaction_added"],
  "reactions:write": ["reactions.add", "reactions.remove"],
  "users:read": ["users.info"],
};

export const COMMAND = "/patchbay";
