import type { APIMessage } from "discord-api-types/v10";

import { checkForm } from "../form.ts";
import { mentionsOf } from "../mentions.ts";
import type { Payloads } from "../payloads.ts";
import { refuse, refuseForm } from "../refusal.ts";
import { bodied, type Call, plain, type Route, type Upload } from "../router.ts";
import { timeOf } from "../snowflakes.ts";
import type { Body, Validate } from "../validate.ts";
import type { DiscordFile, DiscordMessage } from "../objects.ts";
import type { World } from "../world.ts";

/** How long a repeated create with an enforced nonce gives the first message: "the past few minutes". */
const NONCE_MS = 300_000;
const PAGE = 50;
const LARGEST_PAGE = 100;
const FORWARD = 1;

type Create = Body<"POST /channels/:id/messages">;

export function messageRoutes(world: World, payloads: Payloads, validate: Validate): Route[] {
  const one = (message: DiscordMessage): APIMessage => payloads.message(message);

  return [
    plain("GET /channels/:id/messages", ({ query }, channel = "") => ({
      status: 200,
      body: page(listed(world, channel), query).map(one),
    })),
    plain("GET /channels/:id/messages/:id", (_, channel = "", id = "") => ({
      status: 200,
      body: one(visible(world, channel, id)),
    })),
    bodied(validate, "POST /channels/:id/messages", (call, channel = "") => {
      const message = repeated(world, channel, call.body) ?? create(world, channel, call);
      const { nonce } = message;
      return { status: 200, body: { ...one(message), ...(nonce !== undefined && { nonce }) } };
    }),
    bodied(
      validate,
      "PATCH /channels/:id/messages/:id",
      ({ body, files }, channel = "", id = "") => {
        checkForm(body, files);
        const old = visible(world, channel, id);
        if (old.user !== world.bot.id) throw refuse(50005);
        if (world.channelOf(channel).archived) throw refuse(50083);
        const content = body.content === undefined ? old.content : (body.content ?? "");
        const kept = body.attachments?.map(({ id: file }) => String(file));
        const message = world.rewrite(channel, id, {
          content,
          mentions: mentionsOf(
            content,
            body.allowed_mentions,
            authorOf(world, channel, old.replyTo),
          ),
          files: [
            ...old.files.filter((file) => kept?.includes(file.id) ?? true),
            ...stored(world, files),
          ],
          ...(body.embeds !== undefined && { embeds: body.embeds ?? [] }),
          ...(body.components !== undefined && { components: body.components ?? [] }),
          ...(typeof body.flags === "number" && { flags: body.flags }),
        });
        return { status: 200, body: one(message) };
      },
    ),
    plain("DELETE /channels/:id/messages/:id", (_, channel = "", id = "") => {
      const message = visible(world, channel, id);
      const direct = world.channelOf(channel).type === "dm";
      if (direct && message.user !== world.bot.id) throw refuse(50003);
      world.remove(channel, id);
      return { status: 204 };
    }),
  ];
}

/** What the channel shows: neither what was deleted nor what only one person sees. */
function listed(world: World, channel: string): DiscordMessage[] {
  const shown = [...world.messagesOf(channel).values()].filter(
    ({ deleted, onlyFor }) => !deleted && onlyFor === undefined,
  );
  return [...opening(world, channel), ...shown];
}

/** At the top of a thread that was begun from a message stands an entry that only refers to that message. */
function opening(world: World, thread: string): DiscordMessage[] {
  const { opening: id, parent } = world.channelOf(thread);
  const opens = parent === undefined ? undefined : world.messagesOf(parent).get(thread);
  if (id === undefined || opens === undefined) return [];
  const { forwarded: _f, replyTo: _r, nonce: _n, ...starter } = opens;
  const empty = { content: "", original: "", edits: [], files: [], embeds: [], components: [] };
  return [{ ...starter, ...empty, id, channel: thread, reactions: new Map(), opens }];
}

function visible(world: World, channel: string, id: string): DiscordMessage {
  const message = world.messageOf(channel, id);
  if (message.onlyFor !== undefined) throw refuse(10008);
  return message;
}

/** One page, newest first. `after` gives the oldest messages behind the id, as Discord does. */
function page(messages: readonly DiscordMessage[], query: URLSearchParams): DiscordMessage[] {
  const limit = Number(query.get("limit") ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
    throw refuseForm(["limit"], "NUMBER_TYPE_MAX", "int value should be between 1 and 100.");
  }
  const [after, before, around] = ["after", "before", "around"].map((key) => query.get(key));
  const older = (id: string): DiscordMessage[] =>
    messages.filter((message) => BigInt(message.id) < BigInt(id));
  const newer = (id: string): DiscordMessage[] =>
    messages.filter((message) => BigInt(message.id) > BigInt(id));
  if (after) return newer(after).slice(0, limit).toReversed();
  if (before) return older(before).slice(-limit).toReversed();
  if (around) {
    const half = Math.floor(limit / 2);
    const middle = messages.filter(({ id }) => id === around);
    const whole = [...older(around).slice(-half), ...middle, ...newer(around).slice(0, half)];
    return whole.slice(0, limit).toReversed();
  }
  return messages.slice(-limit).toReversed();
}

function repeated(world: World, channel: string, body: Create): DiscordMessage | undefined {
  if (body.enforce_nonce !== true || body.nonce === undefined) return undefined;
  return listed(world, channel).find(
    ({ id, user, nonce }) =>
      user === world.bot.id && nonce === String(body.nonce) && Date.now() - timeOf(id) < NONCE_MS,
  );
}

/** Posts in the bot's name. */
function create(world: World, channel: string, { body, files }: Call<Create>): DiscordMessage {
  checkForm(body, files);
  world.reopen(channel);
  const { content = "", nonce, embeds = [], components = [], message_reference } = body;
  const kind: number = message_reference?.type ?? 0;
  const forwards = kind === FORWARD;
  if (content === "" && files.length + embeds.length + components.length === 0 && !forwards) {
    throw refuse(50006);
  }
  const source = message_reference?.message_id;
  const from = forwards ? (message_reference?.channel_id ?? channel) : channel;
  const known = source === undefined ? undefined : world.messagesOf(from).get(source);
  const found = known?.deleted === false;
  if (source !== undefined && !found && message_reference?.fail_if_not_exists !== false) {
    throw refuseForm(["message_reference"], "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
  }
  const replyTo = found && !forwards ? source : undefined;
  return world.post({
    channel,
    user: world.bot.id,
    content,
    embeds,
    components,
    files: stored(world, files),
    flags: body.flags ?? 0,
    mentions: mentionsOf(content, body.allowed_mentions, authorOf(world, channel, replyTo)),
    ...(replyTo !== undefined && { replyTo }),
    ...(forwards && known !== undefined && { forwarded: known }),
    ...(nonce !== undefined && { nonce: String(nonce) }),
  });
}

function authorOf(world: World, channel: string, id: string | undefined): string | undefined {
  return id === undefined ? undefined : world.messagesOf(channel).get(id)?.user;
}

/** The uploads as files of the world, each with an id of its own. */
export function stored(world: World, files: readonly Upload[]): DiscordFile[] {
  return files.map(({ name, type, content }) => ({ id: world.nextId(), name, type, content }));
}
