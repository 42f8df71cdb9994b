import type { types } from "@slack/bolt";
import type { Changes } from "./changes.ts";
import type { Post } from "./delivery.ts";
import { messageEvent, postedEvents } from "./payloads.ts";
import type { Stream } from "./stream.ts";
import { type SlackMessage, threadKey, type World } from "./world.ts";

/** Puts messages into the world, whoever writes them, and tells onlookers and the app. */
export interface Traffic {
  post(draft: Draft): SlackMessage;
  edit(
    message: SlackMessage,
    by: string,
    change: { text?: string; blocks?: readonly types.AnyBlock[] },
  ): void;
  remove(message: SlackMessage): void;
  react(message: SlackMessage, user: string, name: string, added: boolean): void;
  setStatus(channel: string, thread_ts: string, status: string): void;
}

interface Draft {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly thread_ts?: string;
  readonly subtype?: "file_share" | "thread_broadcast";
  readonly blocks?: readonly types.AnyBlock[];
  readonly files?: SlackMessage["files"];
  readonly attachments?: SlackMessage["attachments"];
  readonly metadata?: types.MessageMetadata;
  readonly stream?: Stream;
}

interface TrafficOptions {
  readonly world: World;
  readonly changes: Changes;
  readonly post: () => Post;
  readonly base: () => string;
}

export function createTraffic({ world, changes, post, base }: TrafficOptions): Traffic {
  const announce = (message: SlackMessage, event: types.SlackEvent): void =>
    post().event(event, world.channels.get(message.channel));

  const setStatus: Traffic["setStatus"] = (channel, thread_ts, status) => {
    const key = threadKey(channel, thread_ts);
    if ((world.statuses.get(key) ?? "") === status) return;
    if (status === "") world.statuses.delete(key);
    else world.statuses.set(key, status);
    changes.emit({ type: "status", channel, thread_ts, status });
  };

  return {
    setStatus,
    post(draft) {
      const message = messageOf(world, draft);
      const channel = world.channels.get(draft.channel);
      world.messagesOf(draft.channel).set(message.ts, message);
      changes.emit({ type: "posted", message });
      // What the app writes ends the status that it has shown there.
      if (message.bot_id === world.bot.bot_id)
        setStatus(message.channel, message.thread_ts ?? message.ts, "");
      if (channel !== undefined) {
        for (const event of postedEvents(world, base(), channel, message))
          post().event(event, channel);
      }
      return message;
    },
    edit(message, by, { text, blocks }) {
      const previous = { ...message };
      if (text !== undefined) {
        message.text = text;
        message.edits.push({ at: Date.now(), text });
      }
      if (blocks !== undefined) message.blocks = blocks;
      const ts = world.nextTs();
      message.edited = { user: by, ts };
      changes.emit({ type: "edited", message });
      const channel = world.channels.get(message.channel);
      if (channel === undefined) return;
      announce(message, {
        type: "message",
        subtype: "message_changed",
        hidden: true,
        channel: message.channel,
        channel_type: channel.type,
        ts,
        event_ts: ts,
        message: messageEvent(world, base(), channel, message),
        previous_message: messageEvent(world, base(), channel, previous),
      });
    },
    remove(message) {
      const messages = world.messagesOf(message.channel);
      const isRoot = [...messages.values()].some(
        (other) => other.thread_ts === message.ts && other !== message,
      );
      const tombstone = tombstoneOf(message);
      if (isRoot) messages.set(message.ts, tombstone);
      else messages.delete(message.ts);
      changes.emit({ type: "deleted", message });
      const channel = world.channels.get(message.channel);
      if (channel === undefined) return;
      const ts = world.nextTs();
      const previous_message = messageEvent(world, base(), channel, message);
      if (isRoot) {
        announce(message, {
          type: "message",
          subtype: "message_changed",
          hidden: true,
          channel: message.channel,
          channel_type: channel.type,
          ts,
          event_ts: ts,
          message: messageEvent(world, base(), channel, tombstone),
          previous_message,
        });
        return;
      }
      announce(message, {
        type: "message",
        subtype: "message_deleted",
        hidden: true,
        channel: message.channel,
        channel_type: channel.type,
        ts,
        event_ts: ts,
        deleted_ts: message.ts,
        previous_message,
      });
    },
    react(message, user, name, added) {
      const users = message.reactions.get(name) ?? new Set();
      if (added) message.reactions.set(name, users.add(user));
      else if (users.delete(user) && users.size === 0) message.reactions.delete(name);
      changes.emit({ type: "reaction", message, name, user, added });
      announce(message, {
        type: added ? "reaction_added" : "reaction_removed",
        user,
        reaction: name,
        item_user: message.user,
        item: { type: "message", channel: message.channel, ts: message.ts },
        event_ts: world.nextTs(),
      });
    },
  };
}

function messageOf(world: World, draft: Draft): SlackMessage {
  const bot_id = world.users.get(draft.user)?.bot_id;
  return {
    channel: draft.channel,
    ts: world.nextTs(),
    user: draft.user,
    text: draft.text,
    original: draft.text,
    edits: [],
    blocks: draft.blocks ?? [],
    files: draft.files ?? [],
    attachments: draft.attachments ?? [],
    reactions: new Map(),
    ...(bot_id !== undefined && { bot_id }),
    ...(draft.subtype !== undefined && { subtype: draft.subtype }),
    ...(draft.thread_ts !== undefined && { thread_ts: draft.thread_ts }),
    ...(draft.metadata !== undefined && { metadata: draft.metadata }),
    ...(draft.stream !== undefined && { stream: draft.stream }),
  };
}

/** A thread keeps its root, empty, when somebody deletes it. */
function tombstoneOf(message: SlackMessage): SlackMessage {
  const { bot_id: _bot, stream: _stream, metadata: _metadata, edited: _edited, ...rest } = message;
  return {
    ...rest,
    subtype: "tombstone",
    user: "USLACKBOT",
    text: "This message was deleted.",
    blocks: [],
    files: [],
    attachments: [],
  };
}
