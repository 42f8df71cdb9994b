import type { Log } from "../log.ts";
import type { Settings } from "../settings/settings.ts";
import { eventId } from "../store/event-id.ts";
import type { Inbox } from "../store/inbox.ts";
import { type Notice, refusalOf, settingsAt } from "./audience.ts";
import { conversationKey, parseConversation } from "./conversation.ts";
import type { Observe } from "./events.ts";
import type { Conversation, IncomingMessage, Receive } from "./platform.ts";
import type { Question } from "./question.ts";

export interface IntakeParts {
  readonly inbox: Inbox;
  readonly settings: () => Settings;
  /** Tells the dispatchers that something waits. */
  readonly wake: () => Promise<void>;
  readonly observe: Observe;
  readonly log: Log;
}

/** Milliseconds after which somebody who is not answered is told so again. */
const NOTICE_EVERY = { audience: 24 * 3_600_000, limit: 3_600_000 };

/** Where messages come in: decides whether one concerns the bot, and commits it before anyone is told "received". */
export function createIntake(parts: IntakeParts): Receive {
  const { inbox, wake, observe, log } = parts;
  return async (received) => {
    const settings = parts.settings();
    const conversation = await conversationOf(inbox, settings, received);
    const question: Question = {
      ...received,
      conversation,
      ...(conversation.channel !== received.conversation.channel && {
        opensThreadIn: received.conversation.channel,
      }),
    };
    const key = conversationKey(conversation);
    if (!(await concernsUs(inbox, settings, key, question))) return;

    // The place it was written in, not the conversation it belongs to: that one may change with patchbay.yml.
    const { platform, workspace, channel } = received.conversation;
    const id = eventId(received.sentAt, [platform, workspace, channel, received.id].join("/"));
    const notice = await noticeFor(inbox, settings, id, question);
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

function onceFor(
  { conversation, author }: Question,
  notice: Notice,
): { key: string; every: number } {
  return {
    key: [notice, conversation.platform, conversation.workspace, author.id].join("/"),
    every: notice === "too_many" ? NOTICE_EVERY.limit : NOTICE_EVERY.audience,
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
    const known = await inbox.conversationOf(conversationKey(channel), ancestor);
    if (known !== undefined) return parseConversation(known);
  }
  // A Discord thread that starts from a message has that message's id.
  if (mode === "thread" && channel.platform === "discord" && root !== channel.channel) {
    return { ...channel, channel: message.id, root: message.id };
  }
  return message.conversation;
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
  message: IncomingMessage,
): Promise<Notice | undefined> {
  const refusal = refusalOf(message, settings);
  const limit = settings.limits.perPersonPerHour;
  if (refusal !== undefined || limit === undefined) return refusal;
  return (await inbox.askedLastHour(message.author.id, id)) >= limit ? "too_many" : undefined;
}
