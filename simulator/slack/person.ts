import type { types } from "@slack/bolt";
import type { Changes } from "./changes.ts";
import type { Delivery, Post } from "./delivery.ts";
import { sharedMessage } from "./payloads.ts";
import type { Traffic } from "./traffic.ts";
import { isStreaming } from "./stream.ts";
import { type SlackFile, type SlackMessage, threadKey, type World } from "./world.ts";

/** What people do in the workspace; each act reaches the app as Slack would tell it. */
export interface Person {
  /** Posts as a person (or another bot). In an `im` the channel may be left to `world.openIm(user).id`. */
  say(words: {
    readonly channel: string;
    readonly user: string;
    readonly text: string;
    readonly thread_ts?: string;
    /** Also shown in the channel; only with `thread_ts`. */
    readonly broadcast?: boolean;
    readonly files?: readonly {
      readonly name: string;
      readonly mimetype: string;
      readonly content: string | Buffer;
      readonly byIdOnly?: boolean;
    }[];
    /** Other messages, forwarded with this one. */
    readonly forwarded?: readonly SlackMessage[];
    /** What hangs on it otherwise: what apps post, previews of links. */
    readonly attachments?: SlackMessage["attachments"];
    readonly blocks?: readonly types.AnyBlock[];
  }): SlackMessage;
  edit(message: SlackMessage, text: string): void;
  remove(message: SlackMessage): void;
  react(message: SlackMessage, user: string, name: string): void;
  clickButton(message: SlackMessage, action_id: string, value: string, user: string): Delivery;
  /** Clicks one of the feedback buttons that the app has put below its message. */
  judge(message: SlackMessage, value: string, user: string): Delivery;
  slash(command: {
    readonly command: string;
    readonly text: string;
    readonly channel: string;
    readonly user: string;
  }): Delivery;
  /** Opens the app's home tab or its messages. */
  openApp(visit: { readonly user: string; readonly tab: "home" | "messages" }): void;
  /** Presses Slack's own stop button, which is there while the app's session in this thread is processing. */
  stopStream(place: {
    readonly channel: string;
    readonly thread_ts: string;
    readonly user: string;
  }): void;
}

/** What somebody did that the app may answer later: a command, or a click on a message. */
export interface Asked {
  readonly channel: string;
  readonly user: string;
  readonly message?: SlackMessage;
}

interface PersonOptions {
  readonly world: World;
  readonly traffic: Traffic;
  readonly changes: Changes;
  readonly post: () => Post;
  readonly base: () => string;
  /** Where a response_url leads, by its last part. */
  readonly responses: Map<string, Asked>;
}

export function createPerson({
  world,
  traffic,
  changes,
  post,
  base,
  responses,
}: PersonOptions): Person {
  const responseUrl = (channel: string, user: string, message?: SlackMessage): string => {
    const id = world.nextId("R");
    responses.set(id, { channel, user, ...(message !== undefined && { message }) });
    return `${base()}/response/${id}`;
  };

  const click = (
    message: SlackMessage,
    user: string,
    action: { readonly type: string; readonly action_id: string; readonly value: string },
  ): Delivery => {
    const { channel, ts, thread_ts, text } = message;
    return post().interaction("interactive", {
      type: "block_actions",
      team: { id: world.team.id, domain: "simulated" },
      user: { id: user, username: world.users.get(user)?.name ?? user, team_id: world.team.id },
      api_app_id: world.bot.app_id,
      token: "verification",
      trigger_id: world.nextId("trigger"),
      container: {
        type: "message",
        message_ts: ts,
        channel_id: channel,
        is_ephemeral: false,
        ...(thread_ts !== undefined && { thread_ts }),
      },
      channel: { id: channel, name: world.channels.get(channel)?.name ?? "" },
      message: { type: "message", ts, user: message.user, text },
      response_url: responseUrl(channel, user, message),
      actions: [{ ...action, block_id: "block", action_ts: world.nextTs() }],
    });
  };

  return {
    say({ channel, user, text, thread_ts, broadcast = false, files = [], ...more }) {
      if (!world.users.has(user)) throw new Error(`The simulated Slack has no user ${user}.`);
      const shared = files.map((file) => addFile(world, user, file));
      const subtype = shared.length > 0 ? "file_share" : broadcast ? "thread_broadcast" : undefined;
      return traffic.post({
        channel,
        user,
        text,
        files: shared,
        attachments: [
          ...(more.forwarded ?? []).map((message) => sharedMessage(world, base(), message)),
          ...(more.attachments ?? []),
        ],
        ...(more.blocks !== undefined && { blocks: more.blocks }),
        ...(subtype !== undefined && { subtype }),
        ...(thread_ts !== undefined && { thread_ts }),
      });
    },
    edit: (message, text) => traffic.edit(message, message.user, { text }),
    remove: (message) => traffic.remove(message),
    react: (message, user, name) => traffic.react(message, user, name, true),
    clickButton: (message, action_id, value, user) =>
      click(message, user, { type: "button", action_id, value }),
    judge(message, value, user) {
      const buttons = feedbackButtonsOf(message);
      if (![buttons.positive_button.value, buttons.negative_button.value].includes(value))
        throw new Error(`The message has no button for ${value}.`);
      const { type, action_id = "" } = buttons;
      return click(message, user, { type, action_id, value });
    },
    slash: ({ command, text, channel, user }) =>
      post().interaction("slash_commands", {
        command,
        text,
        team_id: world.team.id,
        team_domain: "simulated",
        channel_id: channel,
        channel_name: world.channels.get(channel)?.name ?? "",
        user_id: user,
        user_name: world.users.get(user)?.name ?? user,
        api_app_id: world.bot.app_id,
        token: "verification",
        trigger_id: world.nextId("trigger"),
        response_url: responseUrl(channel, user),
      }),
    openApp({ user, tab }) {
      const channel = world.openIm(user);
      post().event(
        { type: "app_home_opened", user, channel: channel.id, tab, event_ts: world.nextTs() },
        channel,
      );
    },
    stopStream({ channel, thread_ts, user }) {
      if (world.sessions.get(threadKey(channel, thread_ts)) !== "processing")
        throw new Error("There is no stop button: the app has not set its session to processing.");
      const streaming = [...world.messagesOf(channel).values()].filter(
        (message) => message.thread_ts === thread_ts && isStreaming(message),
      );
      for (const { stream } of streaming)
        if (stream !== undefined) Object.assign(stream, { open: false, stoppedByUser: true });
      for (const message of streaming) changes.emit({ type: "edited", message });
      post().event(
        {
          type: "agent_session_stopped",
          channel,
          user,
          thread_ts,
          streaming_message_ts: streaming.map((message) => message.ts),
          event_ts: world.nextTs(),
        },
        world.channels.get(channel),
      );
    },
  };
}

function feedbackButtonsOf(message: SlackMessage): types.FeedbackButtons {
  for (const block of message.blocks) {
    if (!("elements" in block)) continue;
    for (const element of block.elements) if (element.type === "feedback_buttons") return element;
  }
  throw new Error("The message has no feedback buttons.");
}

function addFile(
  world: World,
  user: string,
  {
    name,
    mimetype,
    content,
    byIdOnly = false,
  }: {
    readonly name: string;
    readonly mimetype: string;
    readonly content: string | Buffer;
    readonly byIdOnly?: boolean;
  },
): SlackFile {
  const file: SlackFile = {
    id: world.nextId("F"),
    name,
    title: name,
    mimetype,
    user,
    created: Math.floor(Date.now() / 1000),
    content: Buffer.from(content),
    byIdOnly,
  };
  world.files.set(file.id, file);
  return file;
}
