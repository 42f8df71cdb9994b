import type OpenAI from "openai";

import { Fenced, messageOf, PlatformRefused, PlatformUnreachable } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Turn } from "../store/turns.ts";
import type { Attempt, Relay } from "./attempt.ts";
import { settingsAt } from "./audience.ts";
import { Wanted } from "./handling.ts";
import type { Place } from "./message.ts";
import type { Platform } from "./platform.ts";
import { afterFreshStart } from "./prompt.ts";
import type { Question } from "./question.ts";
import { openReply, type Reply } from "./reply.ts";
import { NOTICES, SENTENCES, sentenceOf } from "./sentences.ts";
import { runTurn } from "./turn-run.ts";

type Run = OpenAI.Beta.Threads.Run;

/**
 * Answers one turn: its thread, a run on it, the tools that the run asks for, and the reply as it grows.
 * Safe to be called again after any crash: what was started is found and finished, not repeated.
 * `signal` aborts when this process stops; the turn is then left to the next attempt. `control` aborts when a person
 * wants it stopped or dropped.
 */
export async function answer(
  relay: Relay,
  turn: Turn,
  signal: AbortSignal,
  control: AbortSignal,
): Promise<void> {
  const settings = relay.settings();
  const deadline = AbortSignal.timeout(settings.limits.turnTimeout);
  const { place, platform, newest, log } = whereabouts(relay, turn);
  await using reply = await openReplyOf(relay, turn, signal);

  if (newest.notice !== undefined) return await reply.finish(NOTICES[newest.notice]);
  const { fresh, questions } = afterFreshStart(turn.messages);
  if (fresh && turn.runs === 0) await relay.threads.forget(turn.conversation);
  if (questions.length === 0) return await reply.finish(SENTENCES.freshStart);

  const channel = settingsAt(settings, newest);
  const either = AbortSignal.any([signal, deadline, control]);
  const attempt: Attempt = {
    relay,
    turn,
    questions,
    platform,
    place,
    settings,
    channel,
    log,
    signal: either,
  };
  let text = "";
  try {
    for await (const progress of runTurn(attempt)) {
      text = progress.text;
      if (progress.type === "text") reply.update(text);
      else return await reply.finish(finalText(text, endingOf(progress.run, log), progress.notes));
    }
  } catch (error) {
    if (signal.aborted || isNotOurs(error)) throw error;
    if (control.aborted) {
      await cancelRun(attempt);
      const dropped = control.reason instanceof Wanted && control.reason.control === "drop";
      return await reply.finish(dropped ? "" : finalText(text, SENTENCES.stopped, []));
    }
    const late = deadline.aborted;
    log.error({ error: messageOf(error), late }, "the run could not be followed to its end");
    await cancelRun(attempt);
    await reply.finish(
      finalText(text, late ? SENTENCES.deadline : SENTENCES.assistantUnreachable, []),
    );
  }
}

/** Tells people that a turn is given up. Best effort: whoever calls this ends the turn in any case. */
export async function apologise(relay: Relay, turn: Turn, signal: AbortSignal): Promise<void> {
  try {
    await using reply = await openReplyOf(relay, turn, signal);
    await reply.finish(SENTENCES.internal);
  } catch (error) {
    relay.log.error(
      { turn: turn.claim.id, error: messageOf(error) },
      "the apology could not be shown",
    );
  }
}

/** A claim that was lost, and what the platform says, are the dispatcher's to judge. */
function isNotOurs(error: unknown): boolean {
  return (
    error instanceof Fenced ||
    error instanceof PlatformRefused ||
    error instanceof PlatformUnreachable
  );
}

function endingOf(run: Run, log: Log): string | undefined {
  if (run.status !== "completed") {
    log.warn(
      { run: run.id, status: run.status, error: run.last_error?.message },
      "the run did not complete",
    );
  }
  return sentenceOf(run);
}

function finalText(text: string, ending: string | undefined, notes: readonly string[]): string {
  const answered = text.trim() === "" ? [] : [text];
  const said = ending ?? (answered.length === 0 ? SENTENCES.emptyAnswer : undefined);
  const below = [...(said === undefined ? [] : [said]), ...notes].map((sentence) =>
    answered.length === 0 ? sentence : `*${sentence}*`,
  );
  return [...answered, ...below].join("\n\n");
}

/** Leaving a run alone would lock its thread until it expires. */
async function cancelRun({ relay, turn, log }: Attempt): Promise<void> {
  try {
    const page = await relay.client.beta.threads.runs.list(
      await relay.threads.of(turn.conversation),
      { limit: 1 },
    );
    const run = page.data.find((one) => one.metadata?.["turn"] === turn.claim.id);
    if (run !== undefined)
      await relay.client.beta.threads.runs.cancel(run.id, { thread_id: run.thread_id });
  } catch (error) {
    log.warn(
      { error: messageOf(error) },
      "the run could not be cancelled; the next turn of its thread does it",
    );
  }
}

async function openReplyOf(relay: Relay, turn: Turn, signal: AbortSignal): Promise<Reply> {
  const { parts, secrets, observe } = relay;
  const { place, platform, log } = whereabouts(relay, turn);
  const slot = relay.budgets.open(
    platform.budget(place.conversation),
    platform.limits.editsPerMinute,
  );
  return openReply({
    platform,
    place,
    parts,
    claim: turn.claim,
    slot,
    secrets,
    observe,
    log,
    signal,
  });
}

/** The reply answers the newest of the messages that the turn covers, on the platform that it came from. */
function whereabouts(
  relay: Relay,
  turn: Turn,
): { place: Place; platform: Platform; newest: Question; log: Log } {
  const newest = turn.messages.at(-1);
  if (newest === undefined) throw new RangeError(`Turn ${turn.claim.id} has no message.`);
  const { conversation, id, author, opensThreadIn } = newest;
  const platform = relay.platforms.get(conversation.platform);
  if (platform === undefined)
    throw new PlatformUnreachable(`${conversation.platform} is not connected here.`);
  const place = {
    conversation,
    question: id,
    asker: author,
    ...(opensThreadIn !== undefined && { opensThreadIn }),
  };
  return { place, platform, newest, log: relay.log.child({ turn: turn.claim.id }) };
}
