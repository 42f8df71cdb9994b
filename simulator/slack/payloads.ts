import type { types } from "@slack/bolt";
import type { ConversationsHistoryResponse } from "@slack/web-api";
import { isStreaming } from "./stream.ts";
import type { SharedMessage, SlackChannel, SlackFile, SlackMessage, World } from "./world.ts";

/** What Slack sends and answers for the world's objects, held to the types that Slack publishes. */

/** The types of `blocks` and `attachments` in answers were drawn from samples and do not know all that may be sent. */
type MessageObject = Omit<
  NonNullable<ConversationsHistoryResponse["messages"]>[number],
  "assistant_app_thread" | "attachments" | "blocks"
>;
type EventFile = NonNullable<types.FileShareMessageEvent["files"]>[number];

/** Events for one new message: a mention arrives twice, as app_mention and as message. */
export function postedEvents(
  world: World,
  base: string,
  channel: SlackChannel,
  message: SlackMessage,
): types.SlackEvent[] {
  const events: types.SlackEvent[] = [messageEvent(world, base, channel, message)];
  const mentioned =
    message.text.includes(`<@${world.bot.user_id}>`) && message.user !== world.bot.user_id;
  // A mention with files can arrive as a message alone, so here it always does.
  if (mentioned && channel.type !== "im" && message.files.length === 0) {
    events.unshift(mentionEvent(world, message));
  }
  return events;
}

function mentionEvent(world: World, message: SlackMessage): types.AppMentionEvent {
  return {
    type: "app_mention",
    user: message.user,
    team: world.users.get(message.user)?.team_id ?? world.team.id,
    ...originOf(world, message),
    text: message.text,
    ts: message.ts,
    channel: message.channel,
    event_ts: message.ts,
    ...(message.attachments.length > 0 && { attachments: [...message.attachments] }),
    ...(message.thread_ts !== undefined && { thread_ts: message.thread_ts }),
    ...(message.bot_id !== undefined && { bot_id: message.bot_id }),
    ...(message.edited !== undefined && { edited: message.edited }),
  };
}

export function messageEvent(
  world: World,
  base: string,
  channel: SlackChannel,
  message: SlackMessage,
): types.MessageEvent {
  const common = {
    type: "message" as const,
    user: message.user,
    text: message.text,
    ts: message.ts,
    event_ts: message.ts,
    channel: message.channel,
    channel_type: channel.type,
    ...originOf(world, message),
    ...(message.thread_ts !== undefined && { thread_ts: message.thread_ts }),
    ...(message.blocks.length > 0 && { blocks: [...message.blocks] }),
    ...(message.attachments.length > 0 && { attachments: [...message.attachments] }),
  };
  if (message.subtype === "file_share") {
    return {
      ...common,
      subtype: "file_share",
      upload: true,
      files: message.files.map((file) => fileInMessage(base, file)),
    };
  }
  const team = world.users.get(message.user)?.team_id ?? world.team.id;
  const said: types.GenericMessageEvent = {
    ...common,
    subtype: undefined,
    team,
    client_msg_id: `client-${message.ts}`,
    ...(message.edited !== undefined && { edited: message.edited }),
    ...(message.bot_id !== undefined && {
      bot_id: message.bot_id,
      bot_profile: botProfile(world, message.bot_id, team),
    }),
  };
  // Slack's published types do not know what stays of a deleted root.
  return message.subtype === "tombstone" ? Object.assign(said, { subtype: "tombstone" }) : said;
}

function botProfile(
  world: World,
  id: string,
  team_id: string,
): NonNullable<types.GenericMessageEvent["bot_profile"]> {
  const user = [...world.users.values()].find((candidate) => candidate.bot_id === id);
  return {
    id,
    name: user?.name ?? id,
    app_id: id === world.bot.bot_id ? world.bot.app_id : `A${id.slice(1)}`,
    team_id,
    icons: { image_36: "", image_48: "", image_72: "" },
    updated: 0,
    deleted: false,
  };
}

/** In channels that are shared with other organisations, Slack tells where an author comes from. */
function originOf(world: World, { user }: SlackMessage) {
  const team = world.users.get(user)?.team_id ?? world.team.id;
  return team === world.team.id ? {} : { user_team: team, source_team: team };
}

/** Somebody's message in the form in which it hangs on the one that it is forwarded with. */
export function sharedMessage(world: World, base: string, message: SlackMessage): SharedMessage {
  const { ts, user, channel, text, blocks, files } = message;
  const author_name = world.users.get(user)?.real_name ?? user;
  return {
    is_share: true,
    is_msg_unfurl: true,
    ts,
    author_id: user,
    author_name,
    author_subname: author_name,
    channel_id: channel,
    message_blocks: [{ team: world.team.id, channel, ts, message: { blocks } }],
    text,
    fallback: `[${ts}] ${author_name}: ${text}`,
    mrkdwn_in: ["text"],
    footer: "Slack Conversation",
    ...(files.length > 0 && { files: files.map((file) => fileInMessage(base, file)) }),
  };
}

function fileInMessage(base: string, file: SlackFile) {
  const whole = fileObject(base, file);
  if (file.byIdOnly !== true) return whole;
  const { url_private: _private, url_private_download: _download, ...rest } = whole;
  const untold = { name: "", title: "", mimetype: "", filetype: "", pretty_type: "", size: 0 };
  const access = { file_access: "check_file_info" };
  return { ...rest, ...untold, ...access };
}

export function fileObject(base: string, file: SlackFile) {
  const url = `${base}/files-pri/${file.id}/${encodeURIComponent(file.name)}`;
  return {
    id: file.id,
    created: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.name.split(".").at(-1) ?? "",
    pretty_type: file.mimetype,
    user: file.user,
    editable: false,
    size: file.content.length,
    mode: "hosted",
    is_external: false,
    external_type: "",
    is_public: false,
    public_url_shared: false,
    display_as_bot: false,
    username: "",
    url_private: url,
    url_private_download: `${url}?download=1`,
    permalink: url,
    channels: [],
    groups: [],
  } satisfies EventFile;
}

/** A message as chat.postMessage, conversations.history and conversations.replies answer with it. */
export function messageObject(
  world: World,
  base: string,
  message: SlackMessage,
  metadata: boolean,
): MessageObject {
  const replies = [...world.messagesOf(message.channel).values()].filter(
    (other) => other.thread_ts === message.ts && other.ts !== message.ts,
  );
  const latest = replies.at(-1);
  return {
    type: "message",
    user: message.user,
    team: world.users.get(message.user)?.team_id ?? world.team.id,
    ts: message.ts,
    text: message.text,
    ...(message.bot_id !== undefined && { bot_id: message.bot_id }),
    ...(message.subtype !== undefined && { subtype: message.subtype }),
    ...(message.thread_ts !== undefined && { thread_ts: message.thread_ts }),
    ...(message.edited !== undefined && { edited: message.edited }),
    ...(message.stream !== undefined && {
      streaming_state: isStreaming(message) ? "in_progress" : "completed",
    }),
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.files.length > 0 && {
      files: message.files.map((file) => fileInMessage(base, file)),
    }),
    ...(message.attachments.length > 0 && { attachments: [...message.attachments] }),
    ...(metadata && message.metadata !== undefined && { metadata: message.metadata }),
    ...(message.reactions.size > 0 && {
      reactions: [...message.reactions].map(([name, users]) => ({
        name,
        users: [...users],
        count: users.size,
      })),
    }),
    ...(latest !== undefined && {
      thread_ts: message.ts,
      reply_count: replies.length,
      latest_reply: latest.ts,
    }),
  };
}
