import { setTimeout as sleep } from "node:timers/promises";

import { Fenced, messageOf, PlatformRefused, PlatformUnreachable } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Control, Gestures } from "../store/gestures.ts";
import type { Claim } from "../store/queue.ts";
import type { Turn, Turns } from "../store/turns.ts";
import type { Observe } from "./events.ts";

/** What a person wants of a turn that is under way: the reason with which its control signal aborts. */
export class Wanted extends Error {
  override readonly name = "Wanted";
  readonly control: Control;

  constructor(control: Control) {
    super(`A person wants this turn to ${control}.`);
    this.control = control;
  }
}

export interface HandlingParts {
  readonly turns: Turns;
  readonly gestures: Gestures;
  /** `control` aborts with a Wanted when a person wants something of the turn. */
  readonly answer: (turn: Turn, signal: AbortSignal, control: AbortSignal) => Promise<void>;
  /** Tells people, as well as it can, that a turn is given up. */
  readonly apologise: (turn: Turn, signal: AbortSignal) => Promise<void>;
  readonly observe: Observe;
  readonly log: Log;
}

/** Attempts that end in a fault of ours before the turn is given up. */
const ATTEMPTS = 3;

/** Somebody wants something of a turn of ours. */
export async function obey(
  { gestures, log }: HandlingParts,
  turnId: string,
  control: AbortController,
): Promise<void> {
  try {
    const wanted = await gestures.controlOf(turnId);
    if (wanted !== undefined) control.abort(new Wanted(wanted));
  } catch (error) {
    log.warn(
      { turn: turnId, error: messageOf(error) },
      "what is wanted of a turn could not be read",
    );
  }
}

/** One claim to its end. Never throws: whatever happens is written down or left to the next attempt. */
export async function handle(
  parts: HandlingParts,
  claim: Claim,
  leaving: AbortSignal,
  control: AbortController,
): Promise<void> {
  const { turns, observe, log } = parts;
  try {
    const turn = await turns.begin(claim);
    observe({
      type: "started",
      turn: claim.id,
      conversation: turn.conversation,
      messages: turn.messages.map((message) => message.id),
      attempt: claim.attempt,
    });
    // Wanted before this attempt began, of one that died.
    if (claim.attempt > 0) await obey(parts, claim.id, control);
    const outcome = await attempt(parts, turn, leaving, control.signal);
    observe({ type: "ended", turn: claim.id, outcome });
  } catch (error) {
    if (error instanceof Fenced) {
      log.info({ turn: claim.id }, "another attempt holds this turn");
      return;
    }
    log.error(
      { turn: claim.id, error: messageOf(error) },
      "a turn could not be written down; its lease runs out",
    );
  }
}

async function attempt(
  parts: HandlingParts,
  turn: Turn,
  leaving: AbortSignal,
  control: AbortSignal,
): Promise<"done" | "failed" | "released"> {
  const { turns, log } = parts;
  const { claim } = turn;
  try {
    await parts.answer(turn, leaving, control);
    await turns.finish(claim, "done");
    return "done";
  } catch (error) {
    if (error instanceof Fenced) throw error;
    if (leaving.aborted) {
      await turns.release(claim, "its process stops", false);
      return "released";
    }
    log.error(
      { turn: claim.id, failures: turn.failures, error: messageOf(error) },
      "an attempt at a turn failed",
    );
    if (error instanceof PlatformRefused) {
      // Nothing can be shown there; saying so there cannot work either.
      await turns.finish(claim, "failed", messageOf(error));
      return "failed";
    }
    const fault = !(error instanceof PlatformUnreachable);
    if (fault && turn.failures + 1 >= ATTEMPTS) {
      await parts.apologise(turn, leaving);
      await turns.finish(claim, "failed", messageOf(error));
      return "failed";
    }
    await sleep(fault ? 1_000 * 2 ** turn.failures : 2_000, undefined, { signal: leaving }).catch(
      () => {},
    );
    await turns.release(claim, messageOf(error), fault);
    return "released";
  }
}
