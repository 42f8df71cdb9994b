import type OpenAI from "openai";

import { catchUp } from "./catch-up.ts";
import { spoken } from "./context.ts";
import { readFiles } from "./files.ts";
import type { Question } from "./question.ts";
import type { Attempt } from "./attempt.ts";

type AddedMessage = OpenAI.Beta.Threads.RunCreateParams.AdditionalMessage;

/** What a turn gives its run, and what it must remember of it. */
export interface Prompt {
  readonly messages: AddedMessage[];
  /** Said below the answer. */
  readonly notes: readonly string[];
  readonly readUntil: string;
}

/** The thread's new messages: what was missed, then each question with its files. */
export async function preparePrompt(attempt: Attempt): Promise<Prompt> {
  const { relay, turn, platform, place, questions, settings, log, signal } = attempt;
  const covered = new Set(turn.messages.map((message) => message.id));
  const after = await relay.turns.readUntil(turn.conversation);
  const missed =
    (await mayHaveMissed(attempt, after)) &&
    (await catchUp(platform, place, after, covered, settings, log));
  if (missed !== undefined && missed !== false) {
    for (const person of missed.people) await relay.inbox.join(turn.conversation, person);
  }

  const read = await Promise.all(
    questions.map(async (question) => ({
      question,
      ...(await readFiles(platform, question.files, log, signal)),
    })),
  );
  const asked = read.map(({ question, texts, images }): AddedMessage => {
    const text = [...texts, spoken(question.author.name, question.text)].join("\n\n");
    return {
      role: "user",
      content: images.length === 0 ? text : [...images, { type: "text", text }],
      metadata: { author: question.author.id, message: question.id },
    };
  });
  return {
    messages: missed ? [{ role: "user", content: missed.text }, ...asked] : asked,
    notes: read.flatMap((one) => one.notes),
    readUntil: place.question,
  };
}

/** Where one person alone has written, and every message came to us, there is nothing to catch up with. */
async function mayHaveMissed(
  { relay, turn, channel }: Attempt,
  after: string | undefined,
): Promise<boolean> {
  if (after === undefined || channel.answer === "mention") return true;
  return (await relay.inbox.participants(turn.conversation)) > 1;
}

/** `new` alone begins afresh: what was asked before it is left unanswered, and what comes after it is the turn. */
export function afterFreshStart(messages: readonly Question[]): {
  fresh: boolean;
  questions: readonly Question[];
} {
  const last = messages.findLastIndex((message) => /^new[.!]?$/i.test(message.text.trim()));
  return { fresh: last !== -1, questions: messages.slice(last + 1) };
}
