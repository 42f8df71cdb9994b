import type {
  APIInteractionResponse,
  RESTPatchAPIChannelMessageJSONBody,
  RESTPatchAPIInteractionFollowupJSONBody,
  RESTPatchAPIInteractionOriginalResponseJSONBody,
  RESTPostAPIChannelMessageJSONBody,
  RESTPostAPIChannelMessagesThreadsJSONBody,
  RESTPostAPIChannelThreadsJSONBody,
  RESTPostAPICurrentUserCreateDMChannelJSONBody,
  RESTPostAPIInteractionFollowupJSONBody,
  RESTPutAPIApplicationCommandsJSONBody,
  RESTPutAPIApplicationGuildCommandsJSONBody,
} from "discord-api-types/v10";

/**
 * What a bot may send, by operation, in the platform's own types.
 * make-schema.ts turns this interface into request-schema.json.
 */
export interface RequestBodies {
  "POST /users/@me/channels": RESTPostAPICurrentUserCreateDMChannelJSONBody;
  "POST /channels/:id/messages": RESTPostAPIChannelMessageJSONBody;
  "PATCH /channels/:id/messages/:id": RESTPatchAPIChannelMessageJSONBody;
  "POST /channels/:id/messages/:id/threads": RESTPostAPIChannelMessagesThreadsJSONBody;
  "POST /channels/:id/threads": RESTPostAPIChannelThreadsJSONBody;
  "PUT /applications/:id/commands": RESTPutAPIApplicationCommandsJSONBody;
  "PUT /applications/:id/guilds/:id/commands": RESTPutAPIApplicationGuildCommandsJSONBody;
  "POST /interactions/:id/:token/callback": APIInteractionResponse;
  "PATCH /webhooks/:id/:token/messages/@original": RESTPatchAPIInteractionOriginalResponseJSONBody;
  "POST /webhooks/:id/:token": RESTPostAPIInteractionFollowupJSONBody;
  "PATCH /webhooks/:id/:token/messages/:id": RESTPatchAPIInteractionFollowupJSONBody;
}
