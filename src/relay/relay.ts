import type OpenAI from "openai";

import { Fenced, messageOf, PlatformRefused, PlatformUnreachable } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Parts } from "../store/parts.ts";
import type { ToolCalls } from "../store/tool-calls.ts";
import type { Turn, Turns } from "../store/turns.ts";
import type { Toolbox } from "../toolbox/index.ts";
import type { AssistantDirectory, AssistantSettings } from "./assistant.ts";
import type { Budgets } from "./budget.ts";
import type { Observe } from "./events.ts";
import type { Place, Platform, PlatformName } from "./platform.ts";
import { openReply, type Reply } from "./reply.ts";
import { SENTENCES, sentenceOf } from "./sentences.ts";
import type { Threads } from "./threads.ts";
import { runTurn } from "./turn-run.ts";

type Run = OpenAI.Beta.Threads.Run;

/** What answering needs; app.ts puts it together. */
export interface Relay {
  readonly client: OpenAI;
  readonly platforms: ReadonlyMap<PlatformName, Platform>;
  readonly threads: Threads;
  readonly assistants: AssistantDirectory;
  readonly assistant: AssistantSettings;
  readonly toolbox: Toolbox;
  readonly turns: Turns;
  readonly parts: Parts;
  readonly toolCalls: ToolCalls;
  readonly budgets: Budgets;
  /** Milliseconds that a turn may take. */
  readonly turnTimeout: number;
  readonly timeZone: string;
  readonly observe: Observe;
  readonly log: Log;
}

/** One try at one turn. */
export interface Attempt {
  readonly relay: Relay;
  readonly turn: Turn;
  readonly place: Place;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Answers one turn: its thread, a run on it, the tools that the run asks for, and the reply as it grows.
 * Safe to be called again after any crash: what was started is found and finished, not repeated.
 * `signal` aborts when this process stops; the turn is then left to the next attempt.
 */
export async function answer(relay: Relay, turn: Turn, signal: AbortSignal): Promise<void> {
  const place = placeOf(turn);
  const platform = relay.platforms.get(place.conversation.platform);
  if (platform === undefined)
    throw new PlatformUnreachable(`${place.conversation.platform} is not connected here.`);
  const log = relay.log.child({ turn: turn.claim.id });
  const slot = relay.budgets.open(
    platform.budget(place.conversation),
    platform.limits.editsPerMinute,
  );
  const { parts, observe, turnTimeout } = relay;
  await using reply = await openReply({
    platform,
    place,
    parts,
    claim: turn.claim,
    slot,
    observe,
    log,
    signal,
  });

  const deadline = AbortSignal.timeout(turnTimeout);
  const attempt: Attempt = { relay, turn, place, log, signal: AbortSignal.any([signal, deadline]) };
  let text = "";
  try {
    for await (const progress of runTurn(attempt)) {
      text = progress.text;
      if (progress.type === "text") reply.update(text);
      else return await reply.finish(finalText(text, endingOf(progress.run, log)));
    }
  } catch (error) {
    if (signal.aborted || isNotOurs(error)) throw error;
    const late = deadline.aborted;
    log.error({ error: messageOf(error), late }, "the run could not be followed to its end");
    await cancelRun(attempt);
    await reply.finish(finalText(text, late ? SENTENCES.deadline : SENTENCES.assistantUnreachable));
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

function finalText(text: string, ending: string | undefined): string {
  if (ending === undefined) return text.trim() === "" ? SENTENCES.emptyAnswer : text;
  return text.trim() === "" ? ending : `${text}\n\n*${ending}*`;
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
  const { parts, observe } = relay;
  const place = placeOf(turn);
  const platform = relay.platforms.get(place.conversation.platform);
  if (platform === undefined)
    throw new PlatformUnreachable(`${place.conversation.platform} is not connected here.`);
  const slot = relay.budgets.open(
    platform.budget(place.conversation),
    platform.limits.editsPerMinute,
  );
  const log = relay.log.child({ turn: turn.claim.id });
  return openReply({ platform, place, parts, claim: turn.claim, slot, observe, log, signal });
}

/** The reply answers the newest of the messages that the turn covers. */
function placeOf(turn: Turn): Place {
  const question = turn.messages.at(-1);
  if (question === undefined) throw new RangeError(`Turn ${turn.claim.id} has no message.`);
  return { conversation: question.conversation, question: question.id, asker: question.author };
}
