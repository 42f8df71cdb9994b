import type { SlackMessage, SlackSimulator } from "../slack/index.ts";
import type { SlackChannel, SlackFile } from "../slack/world.ts";
import {
  BadRequest,
  type Chat,
  fileUrl,
  isPicture,
  type MessageView,
  type News,
  type Room,
} from "./chat.ts";
import { escapeHtml } from "./escape.ts";
import { createNames, type Names, writeMentions } from "./names.ts";
import {
  createRenderer,
  decodeEntities,
  type Dialect,
  render,
  type Renderer,
  type Token,
} from "./render.ts";

/** Slack cuts a longer message. */
const LONGEST = 40_000;
const TOKEN = /<(?:[@#!]|(?:https?|mailto|tel):)[^<>\s|]*(?:\|[^<>\n]*)?>/g;

/** The simulated Slack as the page shows it. */
export function createSlackChat(slack: SlackSimulator): Chat {
  const { world } = slack;
  const renderer = createRenderer();
  const names = (): Names =>
    createNames([...world.users.values()].map(({ id, real_name }) => [id, real_name] as const));
  const people = (): string[] =>
    [...world.users.values()].filter(({ is_bot }) => !is_bot).map(({ real_name }) => real_name);
  for (const { id, is_bot } of world.users.values()) if (!is_bot) world.openIm(id);

  const find = (id: string): SlackMessage | undefined => {
    for (const channel of world.channels.keys()) {
      const message = slack.message(channel, id);
      if (message !== undefined) return message;
    }
    return undefined;
  };
  const own = (id: string, person: string): SlackMessage => {
    const message = find(id);
    if (message === undefined) throw new BadRequest("This message does not exist any more.", 404);
    if (message.user !== names().idOf(person))
      throw new BadRequest(`${person} can only change messages of their own.`, 403);
    return message;
  };
  const view = (message: SlackMessage): MessageView => viewOf(message, slack, names(), renderer);

  return {
    rooms: () =>
      [...world.channels.values()]
        .filter(({ type }) => type === "channel" || type === "im")
        .map((channel) => roomOf(channel, slack, people())),
    messages: () => [...world.channels.keys()].flatMap((id) => slack.messages(id)).map(view),
    message: (id) => {
      const message = find(id);
      return message && view(message);
    },
    say({ room, person, text, thread, files }) {
      const channel = room.replace("slack:", "");
      if (text.length > LONGEST)
        throw new BadRequest(
          `Slack takes at most ${LONGEST} characters; this is ${text.length}.`,
          413,
        );
      if (thread !== undefined && slack.message(channel, thread) === undefined)
        throw new BadRequest("The thread's first message does not exist any more.", 404);
      const user = names().idOf(person) ?? person;
      const { ts } = slack.say({
        channel,
        user,
        text: toSlack(text, names()),
        ...(thread !== undefined && { thread_ts: thread }),
        files: files.map(({ name, type, content }) => ({
          name,
          mimetype: type,
          content: Buffer.from(content),
        })),
      });
      return ts;
    },
    edit: ({ message, person, text }) => slack.edit(own(message, person), toSlack(text, names())),
    remove: ({ message, person }) => slack.remove(own(message, person)),
    file(id) {
      const file = world.files.get(id);
      return (
        file && { name: file.name, type: file.mimetype, content: new Uint8Array(file.content) }
      );
    },
    subscribe: (listener) =>
      slack.subscribe((change) => {
        switch (change.type) {
          case "posted":
          case "edited":
          case "reaction":
            return listener({
              type: "message",
              id: change.message.ts,
              read: () => view(change.message),
            });
          case "deleted":
            return listener({
              type: "removed",
              id: change.message.ts,
              room: `slack:${change.message.channel}`,
            });
          case "ephemeral":
            return listener(ephemeralNews(change, world.nextTs(), names()));
          case "status":
            return listener({
              type: "status",
              status: {
                room: `slack:${change.channel}`,
                thread: change.thread_ts,
                // An agent session's state is announced in the same way; people see the status alone.
                text: slack.status(change.channel, change.thread_ts),
              },
            });
          default:
        }
      }),
  };
}

function roomOf(channel: SlackChannel, { world }: SlackSimulator, people: readonly string[]): Room {
  const person = channel.user === undefined ? undefined : world.users.get(channel.user);
  return {
    id: `slack:${channel.id}`,
    platform: "slack",
    workspace: world.team.name,
    kind: person === undefined ? "channel" : "dm",
    name: person?.real_name ?? channel.name,
    people: person === undefined ? people : [person.real_name],
  };
}

function viewOf(
  message: SlackMessage,
  { world }: SlackSimulator,
  names: Names,
  renderer: Renderer,
): MessageView {
  const { ts, channel, user, thread_ts, text, files, edits, reactions } = message;
  const bot = message.bot_id !== undefined;
  return {
    id: ts,
    room: `slack:${channel}`,
    author: names.nameOf(user) ?? user,
    bot: user === world.bot.user_id,
    at: Math.floor(Number(ts) * 1000),
    html: renderer(ts, bot ? text : fromMrkdwn(text), dialectOf(names)),
    source: toSource(text, names),
    edits: edits.length,
    ...(thread_ts !== undefined && thread_ts !== ts && { thread: thread_ts }),
    files: files.map(fileView),
    reactions: [...reactions].map(([name, users]) => ({
      name: `:${name}:`,
      people: [...users].map((id) => names.nameOf(id) ?? id),
    })),
  };
}

function fileView({ id, name, mimetype, content }: SlackFile): MessageView["files"][number] {
  return { name, size: content.length, url: fileUrl("slack", id), image: isPicture(mimetype) };
}

function ephemeralNews(
  {
    channel,
    user,
    text,
  }: { readonly channel: string; readonly user: string; readonly text: string },
  id: string,
  names: Names,
): News {
  const message: MessageView = {
    id,
    room: `slack:${channel}`,
    author: "Patchbay",
    bot: true,
    at: Date.now(),
    html: render(text, dialectOf(names)),
    source: toSource(text, names),
    edits: 0,
    files: [],
    reactions: [],
    onlyFor: names.nameOf(user) ?? user,
  };
  return { type: "message", id, read: () => message };
}

function dialectOf(names: Names): Dialect {
  return { token: TOKEN, read: (token) => readToken(token, names), entities: true };
}

function readToken(token: string, names: Names): Token | undefined {
  const { sigil = "", target = "", label } = partsOf(token);
  switch (sigil) {
    case "@":
      return { text: `@${names.nameOf(target) ?? (label || target)}` };
    case "#":
      return { text: `#${label || target}` };
    case "!":
      return { text: label || `@${target}` };
    default: {
      const href = decodeEntities(target);
      return {
        text: label === undefined ? href.replace(/^(?:mailto|tel):/, "") : decodeEntities(label),
        href,
      };
    }
  }
}

function partsOf(token: string): { sigil?: string; target?: string; label?: string } {
  return { .../^<(?<sigil>[@#!]?)(?<target>[^|>]*)(?:\|(?<label>[^>]*))?>$/.exec(token)?.groups };
}

/** As Slack's own composer sends it. */
function toSlack(text: string, names: Names): string {
  const escaped = text.replaceAll(/[&<>]/g, escapeHtml);
  return writeMentions(escaped, names, (id) => `<@${id}>`);
}

function toSource(text: string, names: Names): string {
  return decodeEntities(text.replaceAll(TOKEN, (token) => readToken(token, names)?.text ?? token));
}

/** What people type in Slack: one asterisk is bold, one tilde strikes out, and `>` is written as an entity. */
function fromMrkdwn(text: string): string {
  return text
    .replaceAll(/^(?:&gt; ?)+/gm, (marks) => marks.replaceAll("&gt;", ">"))
    .replaceAll(/(?<![\w*`])\*(?=\S)([^*\n`]+?)(?<=\S)\*(?![\w*`])/g, "**$1**");
}
