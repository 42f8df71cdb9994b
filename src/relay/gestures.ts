import type { Log } from "../log.ts";
import { eventId } from "../store/event-id.ts";
import type { Gestures } from "../store/gestures.ts";
import type { Inbox } from "../store/inbox.ts";
import { conversationKey, scopeKey } from "./conversation.ts";
import { identityOf } from "./intake.ts";
import type { Gesture } from "./message.ts";

export interface GestureParts {
  readonly gestures: Gestures;
  readonly inbox: Inbox;
  readonly wake: () => Promise<void>;
  /** Tells a turn's owner to look what is wanted of it. */
  readonly tell: (turnId: string) => Promise<void>;
  readonly log: Log;
}

/**
 * Edits, deletions, stops and feedback. They do not wait in the queue: what concerns a message that still waits is
 * done at once, and what concerns a turn under way is written down and its owner, wherever that is, is told.
 */
export function createGestureHand(parts: GestureParts): (gesture: Gesture) => Promise<void> {
  const { gestures, tell, log } = parts;
  return async (gesture) => {
    log.debug({ type: gesture.type }, "a gesture");
    switch (gesture.type) {
      case "edited": {
        const { message } = gesture;
        await gestures.edit(eventId(message.sentAt, identityOf(message)), message);
        return;
      }
      case "deleted":
        return tellIf(tell, await gestures.remove(scopeKey(gesture.spot), gesture.message));
      case "stop": {
        const { spot, reference, root } = gesture;
        const ofReply = reference && (await gestures.stopReply(scopeKey(spot), reference));
        if (ofReply || (reference !== undefined && root === undefined))
          return tellIf(tell, ofReply);
        const key = conversationKey({ ...spot, ...(root !== undefined && { root }) });
        const turn = await gestures.stopConversation(key);
        return tellIf(tell, turn);
      }
      case "feedback":
        await gestures.feedback(
          scopeKey(gesture.spot),
          gesture.reference,
          gesture.person.id,
          gesture.value,
        );
        return;
      case "regenerate":
        return askAgain(parts, gesture);
    }
  };
}

/** The question is asked once more, in its conversation; the same person cannot ask twice about the same reply. */
async function askAgain(
  { gestures, inbox, wake }: GestureParts,
  { spot, reference, person }: Extract<Gesture, { type: "regenerate" }>,
): Promise<void> {
  const asked = await gestures.questionOf(scopeKey(spot), reference);
  if (asked === undefined) return;
  const { conversation, message } = asked;
  const id = eventId(message.sentAt, `${identityOf(message)}/again/${reference}/${person.id}`);
  const text = `Please answer this again, differently: ${message.text}`;
  if ((await inbox.receive(id, conversation, { ...message, author: person, text })) === "new")
    await wake();
}

async function tellIf(tell: GestureParts["tell"], turnId: string | undefined): Promise<void> {
  if (turnId !== undefined && turnId !== "") await tell(turnId);
}
