import { randomUUID } from "node:crypto";

import type { DiscordSimulator } from "../discord/index.ts";
import type { SlackSimulator } from "../slack/index.ts";
import type { Chat, MessageView, Room, Status } from "./chat.ts";
import { createDiscordChat } from "./discord-chat.ts";
import type { Happening } from "./happening.ts";
import { createJournal, type Journal, type PageEvent } from "./journal.ts";
import { createRoutes } from "./routes.ts";
import { createSlackChat } from "./slack-chat.ts";
import { createTurns, type Turns } from "./turns.ts";
import type { TurnView } from "./turn.ts";

export type { Happening } from "./happening.ts";
export { createWorldOfDiscord, createWorldOfSlack } from "./worlds.ts";

export interface PlaygroundOptions {
  readonly slack: SlackSimulator;
  readonly discord: DiscordSimulator;
  readonly model: ModelInUse;
}

interface ModelInUse {
  readonly name: string;
  /** What one should know of it, in a few words. */
  readonly hint?: string;
}

/** A web page to chat in the simulated Slack and Discord, and to see what became of each question. */
export interface Playground {
  fetch(request: Request): Promise<Response>;
  /** Takes in what the bot did. Never throws, never waits. */
  tell(happening: Happening): void;
  /** Ends the event streams and looks at the simulators no more. */
  close(): void;
}

/** Everything that the page shows. */
interface Snapshot {
  readonly model: ModelInUse;
  /** The bot's name. */
  readonly bot: string;
  readonly people: readonly string[];
  readonly rooms: readonly Room[];
  readonly messages: readonly MessageView[];
  readonly statuses: readonly Status[];
  readonly turns: readonly TurnView[];
}

export function createPlayground({ slack, discord, model }: PlaygroundOptions): Playground {
  const chats = { slack: createSlackChat(slack), discord: createDiscordChat(discord) };
  const both: readonly Chat[] = [chats.slack, chats.discord];
  const journal = createJournal(randomUUID().slice(0, 8));
  const closing = new AbortController();
  const rooms = (): Room[] => both.flatMap((chat) => chat.rooms());
  const turns = createTurns({
    message: (id) => chats.slack.message(id) ?? chats.discord.message(id),
    room: (id) => rooms().find((room) => room.id === id),
    changed: (turn) => journal.put(`turn ${turn.id}`, () => ({ type: "turn", turn })),
    forgotten: (id) => journal.put(`turn ${id}`, () => ({ type: "turn_removed", turn: id })),
  });
  const unsubscribe = both.map((chat) => follow(chat, journal, turns));

  const snapshot = (): Snapshot => ({
    model,
    bot: discord.world.bot.name,
    rooms: rooms(),
    people: [...new Set(rooms().flatMap((room) => room.people))],
    ...group(journal.all()),
  });
  const fetch = createRoutes({ chats, rooms, snapshot, journal, signal: closing.signal });

  return {
    fetch,
    tell: (happening) => turns.tell(happening),
    close() {
      for (const stop of unsubscribe) stop();
      closing.abort();
    },
  };
}

/** Keeps the journal in step with one chat service. */
function follow(chat: Chat, journal: Journal, turns: Turns): () => void {
  const put = (id: string, read: () => MessageView): void =>
    journal.put(`message ${id}`, () => ({ type: "message", message: read() }));
  const known = new Set<string>();
  for (const message of chat.messages()) {
    known.add(message.id);
    put(message.id, () => message);
  }
  return chat.subscribe((news) => {
    switch (news.type) {
      case "message": {
        put(news.id, news.read);
        if (known.has(news.id)) return;
        known.add(news.id);
        const message = news.read();
        if (!message.bot) return;
        turns.claim(message);
        // Discord stops showing that somebody is typing once they have written.
        if (message.room.startsWith("discord:")) clearStatus(journal, message);
        return;
      }
      case "removed":
        return journal.put(`message ${news.id}`, () => ({ type: "removed", message: news.id }));
      case "status":
        return journal.put(statusKey(news.status), () => ({ type: "status", status: news.status }));
    }
  });
}

function clearStatus(journal: Journal, { room, thread }: MessageView): void {
  const status = { room, ...(thread !== undefined && { thread }), text: "" };
  journal.put(statusKey(status), () => ({ type: "status", status }));
}

function statusKey({ room, thread = "" }: Status): string {
  return `status ${room} ${thread}`;
}

function group(events: readonly PageEvent[]): Pick<Snapshot, "messages" | "statuses" | "turns"> {
  return {
    messages: events
      .flatMap((event) => (event.type === "message" ? [event.message] : []))
      .toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    statuses: events.flatMap((event) =>
      event.type === "status" && event.status.text !== "" ? [event.status] : [],
    ),
    turns: events
      .flatMap((event) => (event.type === "turn" ? [event.turn] : []))
      .toSorted((left, right) => left.since - right.since),
  };
}
