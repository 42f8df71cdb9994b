import type {
  AgentsSessionsSetStatusArguments,
  AppsConnectionsOpenArguments,
  AssistantThreadsSetStatusArguments,
  AssistantThreadsSetSuggestedPromptsArguments,
  AssistantThreadsSetTitleArguments,
  AuthTestArguments,
  ChatAppendStreamArguments,
  ChatDeleteArguments,
  ChatPostEphemeralArguments,
  ChatPostMessageArguments,
  ChatStartStreamArguments,
  ChatStopStreamArguments,
  ChatUpdateArguments,
  ConversationsHistoryArguments,
  ConversationsInfoArguments,
  ConversationsMembersArguments,
  ConversationsOpenArguments,
  ConversationsRepliesArguments,
  FilesCompleteUploadExternalArguments,
  FilesGetUploadURLExternalArguments,
  FilesInfoArguments,
  ReactionsAddArguments,
  ReactionsRemoveArguments,
  UsersInfoArguments,
  ViewsPublishArguments,
} from "@slack/web-api";

/** The methods that the simulator serves, with Slack's own argument types: request-schema.json is made from this. */
export interface Requests {
  "agents.sessions.setStatus": AgentsSessionsSetStatusArguments;
  "apps.connections.open": AppsConnectionsOpenArguments;
  "assistant.threads.setStatus": AssistantThreadsSetStatusArguments;
  "assistant.threads.setSuggestedPrompts": AssistantThreadsSetSuggestedPromptsArguments;
  "assistant.threads.setTitle": AssistantThreadsSetTitleArguments;
  "auth.test": AuthTestArguments;
  "chat.appendStream": ChatAppendStreamArguments;
  "chat.delete": ChatDeleteArguments;
  "chat.postEphemeral": ChatPostEphemeralArguments;
  "chat.postMessage": ChatPostMessageArguments;
  "chat.startStream": ChatStartStreamArguments;
  "chat.stopStream": ChatStopStreamArguments;
  "chat.update": ChatUpdateArguments;
  "conversations.history": ConversationsHistoryArguments;
  "conversations.info": ConversationsInfoArguments;
  "conversations.members": ConversationsMembersArguments;
  "conversations.open": ConversationsOpenArguments;
  "conversations.replies": ConversationsRepliesArguments;
  "files.completeUploadExternal": FilesCompleteUploadExternalArguments;
  "files.getUploadURLExternal": FilesGetUploadURLExternalArguments;
  "files.info": FilesInfoArguments;
  "reactions.add": ReactionsAddArguments;
  "reactions.remove": ReactionsRemoveArguments;
  "users.info": UsersInfoArguments;
  "views.publish": ViewsPublishArguments;
}

export type Method = keyof Requests;
