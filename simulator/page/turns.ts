import type { MessageView, Room } from "./chat.ts";
import { shorten } from "./escape.ts";
import type { Happening } from "./happening.ts";
import { advance, openTurn, type Question, type TurnView } from "./turn.ts";

/** The newest questions and what happened to them; older ones are forgotten. */
export interface Turns {
  /** Takes in what happened. What concerns no message that the page shows is left out. */
  tell(happening: Happening): void;
  /** Finds the turn that this message of the bot belongs to, among those that are under way. */
  claim(reply: MessageView): void;
  all(): readonly TurnView[];
}

export interface TurnsOptions {
  readonly message: (id: string) => MessageView | undefined;
  readonly room: (id: string) => Room | undefined;
  readonly changed: (turn: TurnView) => void;
  readonly forgotten: (id: string) => void;
}

const KEPT = 200;

export function createTurns({ message, room, changed, forgotten }: TurnsOptions): Turns {
  const turns = new Map<string, TurnView>();

  const put = (turn: TurnView): void => {
    turns.set(turn.id, turn);
    changed(turn);
    for (const id of turns.keys()) {
      if (turns.size <= KEPT) return;
      forget(id);
    }
  };
  const forget = (id: string): void => {
    turns.delete(id);
    forgotten(id);
  };
  const open = (id: string, asked: string | undefined): TurnView | undefined => {
    const question = message(asked ?? "");
    return question && openTurn(id, questionOf(question, room(question.room)));
  };

  return {
    tell(happening) {
      const { turn: id, type } = happening;
      const asked =
        type === "received"
          ? happening.message
          : type === "started"
            ? happening.messages[0]
            : undefined;
      const turn = turns.get(id) ?? open(id, asked);
      if (turn === undefined) return;
      put(advance(turn, happening));
      if (type !== "started") return;
      // Messages that waited are answered here, so they get no turn of their own.
      for (const other of turns.values())
        if (
          other.id !== id &&
          other.state === "waiting" &&
          happening.messages.includes(other.question)
        )
          forget(other.id);
    },
    claim(reply) {
      const here = [...turns.values()].filter(
        ({ state, room: place }) => state === "working" && place === reply.room,
      );
      const turn =
        here.find(({ messages }) => messages.includes(reply.replyTo?.id ?? "")) ??
        here.find(({ thread }) => thread === reply.thread);
      if (turn !== undefined && !turn.replies.includes(reply.id))
        put({ ...turn, replies: [...turn.replies, reply.id] });
    },
    all: () => [...turns.values()],
  };
}

function questionOf(message: MessageView, room: Room | undefined): Question {
  // In a Slack channel the answer to a message goes into that message's thread.
  const root = room?.platform === "slack" && room.kind === "channel" ? message.id : undefined;
  const thread = message.thread ?? root;
  return {
    room: message.room,
    question: message.id,
    ...(thread !== undefined && { thread }),
    asker: message.author,
    excerpt: shorten(message.source, 120),
    since: message.at,
  };
}
