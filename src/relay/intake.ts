import type { Log } from "../log.ts";
import type { Settings } from "../settings/settings.ts";
import { eventId } from "../store/event-id.ts";
import type { Gestures } from "../store/gestures.ts";
import type { Inbox } from "../store/inbox.ts";
import { type Notice, refusalOf, settingsAt } from "./audience.ts";
import { conversationKey, parseConversation, scopeKey } from "./conversation.ts";
import type { Observe } from "./events.ts";
import type { Addressed, Conversation, IncomingMessage } from "./message.ts";
import type { Receive } from "./platform.ts";
import type { Question } from "./question.ts";

export interface IntakeParts {
  readonly inbox: Inbox;
  readonly settings: () => Settings;
  readonly gestures: Gestures;
  /** Tells a turn's owner to look what is wanted of it. */
  readonly tell: (turnId: string) => Promise<void>;
  /** Tells the dispatchers that something waits. */
  readonly wake: () => Promise<void>;
  readonly observe: Observe;
  readonly log: Log;
}

/** Milliseconds after which somebody who is not answered is told so again. */
const NOTICE_EVERY = { audience: 24 * 3_600_000, limit: 3_600_000, queue: 60_000 };
/** Messages that may wait in one conversation. */
const QUEUE_BOUND = 50;

/** Where messages come in: decides whether one concerns the bot, and commits it before anyone is told "received". */
export function createIntake(parts: IntakeParts): Receive {
  const { inbox, wake, observe, log } = parts;
  return async (received) => {
    const settings = parts.settings();
    const conversation = await conversationOf(inbox, settings, received);
    const question: Question = {
      ...received,
      addressed: await addressedOf(inbox, received),
      conversation,
      ...(conversation.channel !== received.conversation.channel && {
        opensThreadIn: received.conversation.channel,
      }),
    };
    const key = conversationKey(conversation);
    if (!(await concernsUs(inbox, settings, key, question))) return;

    const id = eventId(received.sentAt, identityOf(received));
    const notice = await noticeFor(inbox, settings, id, key, question);
    if (notice === undefined && isStop(question) && (await stopped(parts, key))) return;
    const outcome =
      notice === undefined
        ? await inbox.receive(id, key, question)
        : await inbox.receiveNotice(id, key, { ...question, notice }, onceFor(question, notice));
    log.debug({ conversation: key, message: received.id, outcome, notice }, "received");
    if (outcome === "duplicate") return;
    observe({ type: "received", turn: id, conversation: key, message: received.id });
    await wake();
  };
}

/** False where nothing is under way: then the word is a message like any other. */
async function stopped({ gestures, tell }: IntakeParts, conversation: string): Promise<boolean> {
  const turn = await gestures.stopConversation(conversation);
  if (turn !== undefined) await tell(turn);
  return turn !== undefined;
}

/** The place it was written in, not the conversation it belongs to: that one may change with patchbay.yml. */
export function identityOf({ conversation, id }: IncomingMessage): string {
  const { platform, workspace, channel } = conversation;
  return [platform, workspace, channel, id].join("/");
}

/** `stop` alone, from somebody who may ask: not a question, but the end of the answer under way. */
function isStop({ text, addressed }: Question): boolean {
  return addressed !== "channel" && /^stop[.!]?$/i.test(text.trim());
}

function onceFor(
  { conversation, author }: Question,
  notice: Notice,
): { key: string; every: number } {
  return {
    key: [notice, conversation.platform, conversation.workspace, author.id].join("/"),
    every: everyOf(notice),
  };
}

/**
 * The conversation that a message belongs to: that of what it replies to, however long that chain is; the whole
 * channel, or a thread that the answer opens, where patchbay.yml says so; else what the platform's own threads say.
 */
async function conversationOf(
  inbox: Inbox,
  settings: Settings,
  message: IncomingMessage,
): Promise<Conversation> {
  const { root, ...channel } = message.conversation;
  if (message.addressed === "direct") return message.conversation;
  const mode = settingsAt(settings, message).conversation;
  if (mode === "channel") return channel;
  for (const ancestor of message.ancestors) {
    const known = await inbox.conversationOf(scopeKey(channel), ancestor);
    if (known !== undefined) return parseConversation(known);
  }
  // A Discord thread that starts from a message has that message's id.
  if (mode === "thread" && channel.platform === "discord" && root !== channel.channel) {
    return { ...channel, channel: message.id, root: message.id };
  }
  return message.conversation;
}

/** Discord does not always tell whose message is replied to; the ledger knows our own. */
async function addressedOf(inbox: Inbox, message: IncomingMessage): Promise<Addressed> {
  const { addressed, ancestors, conversation } = message;
  const [repliedTo] = ancestors;
  if (repliedTo === undefined || (addressed !== "channel" && addressed !== "thread"))
    return addressed;
  return (await inbox.isOurs(scopeKey(conversation), repliedTo)) ? "reply" : addressed;
}

async function concernsUs(
  inbox: Inbox,
  settings: Settings,
  key: string,
  message: IncomingMessage,
): Promise<boolean> {
  const { answer } = settingsAt(settings, message);
  switch (message.addressed) {
    case "direct":
    case "mention":
    case "reply":
      return true;
    case "channel":
      return answer === "all";
    case "thread":
      return answer === "all" || ((await isTwoOfUs(inbox, key, message)) && answer === "thread");
  }
}

/** Unmentioned, the bot answers in a thread that it is part of, as long as one person alone has written there. */
async function isTwoOfUs(inbox: Inbox, key: string, message: IncomingMessage): Promise<boolean> {
  if (!(await inbox.isKnown(key))) return false;
  return (await inbox.join(key, message.author.id)) === 1;
}

async function noticeFor(
  inbox: Inbox,
  settings: Settings,
  id: string,
  key: string,
  message: IncomingMessage,
): Promise<Notice | undefined> {
  const refusal = refusalOf(message, settings);
  if (refusal !== undefined) return refusal;
  const limit = settings.limits.perPersonPerHour;
  if (limit !== undefined && (await inbox.askedLastHour(message.author.id, id)) >= limit)
    return "too_many";
  return (await inbox.waiting(key, id)) >= QUEUE_BOUND ? "queue_full" : undefined;
}

function everyOf(notice: Notice): number {
  switch (notice) {
    case "too_many":
      return NOTICE_EVERY.limit;
    case "queue_full":
      return NOTICE_EVERY.queue;
    case "guest":
    case "external":
    case "stranger":
    case "direct_messages_off":
      return NOTICE_EVERY.audience;
  }
}
