import type { Log } from "../log.ts";
import { eventId } from "../store/event-id.ts";
import type { Inbox } from "../store/inbox.ts";
import { conversationKey, parseConversation } from "./conversation.ts";
import type { Observe } from "./events.ts";
import type { Conversation, IncomingMessage, Receive } from "./platform.ts";

export interface IntakeParts {
  readonly inbox: Inbox;
  /** Tells the dispatchers that something waits. */
  readonly wake: () => Promise<void>;
  readonly observe: Observe;
  readonly log: Log;
}

/** Where messages come in: decides whether one concerns the bot, and commits it before anyone is told "received". */
export function createIntake({ inbox, wake, observe, log }: IntakeParts): Receive {
  return async (received) => {
    const message = { ...received, conversation: await resolveConversation(inbox, received) };
    const key = conversationKey(message.conversation);
    if (message.addressed === "thread" && !(await isTwoOfUs(inbox, key, message))) return;

    const identity = [
      message.conversation.platform,
      message.conversation.workspace,
      message.conversation.channel,
      message.id,
    ];
    const id = eventId(message.sentAt, identity.join("/"));
    const outcome = await inbox.receive(id, key, message);
    log.debug({ conversation: key, message: message.id, outcome }, "received");
    if (outcome === "duplicate") return;
    observe({ type: "received", turn: id, conversation: key, message: message.id });
    await wake();
  };
}

/** A reply belongs to the conversation of what it replies to, however long that chain is. */
async function resolveConversation(inbox: Inbox, message: IncomingMessage): Promise<Conversation> {
  const { root: _, ...place } = message.conversation;
  for (const ancestor of message.ancestors) {
    const known = await inbox.conversationOf(conversationKey(place), ancestor);
    if (known !== undefined) return parseConversation(known);
  }
  return message.conversation;
}

/** Unmentioned, the bot answers in a thread that it is part of, as long as one person alone has written there. */
async function isTwoOfUs(inbox: Inbox, key: string, message: IncomingMessage): Promise<boolean> {
  if (!(await inbox.isKnown(key))) return false;
  return (await inbox.join(key, message.author.id)) === 1;
}
