import { setTimeout as sleep } from "node:timers/promises";

import { Fenced, messageOf, PlatformRefused, PlatformUnreachable } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Owner } from "../store/owner.ts";
import type { Claim, Queue } from "../store/queue.ts";
import type { Turn, Turns } from "../store/turns.ts";
import type { Observe } from "./events.ts";

/**
 * Claims the oldest message of every conversation that nobody holds, and sees each turn to its end.
 * The claim is the conversation's lock: leased (touched while we work, free when our process dies) and
 * fenced (an attempt that was overtaken cannot write).
 */
export interface Dispatcher {
  start(): void;
  /** Claims nothing more, waits up to `patience` ms for the turns under way, then gives the rest back. */
  drain(patience: number): Promise<void>;
}

export interface DispatcherParts {
  readonly queue: Queue;
  readonly turns: Turns;
  readonly owner: Owner;
  readonly answer: (turn: Turn, signal: AbortSignal) => Promise<void>;
  /** Tells people, as well as it can, that a turn is given up. */
  readonly apologise: (turn: Turn, signal: AbortSignal) => Promise<void>;
  readonly observe: Observe;
  readonly log: Log;
  /** Turns at a time in this process. */
  readonly capacity: number;
}

/** Milliseconds. A wake-up that got lost is made up for by the next look. */
const LOOK_EVERY = 1_000;
const TOUCH_EVERY = 3_000;
/** Attempts that end in a fault of ours before the turn is given up. */
const ATTEMPTS = 3;

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { queue, turns, owner, log } = parts;
  const live = new Map<string, { claim: Claim; done: Promise<void> }>();
  const stopping = new AbortController();
  const leaving = new AbortController();
  let wake = Promise.withResolvers<void>();
  let dirty = true;
  const poke = (): void => {
    dirty = true;
    wake.resolve();
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (!dirty || live.size >= parts.capacity) {
        await wake.promise;
        wake = Promise.withResolvers();
        continue;
      }
      dirty = false;
      const claims = await queue.claim(parts.capacity - live.size).catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, "cannot claim work; the next look tries again");
        return [];
      });
      for (const claim of claims) {
        const done = handle(parts, claim, leaving.signal).finally(() => {
          live.delete(claim.id);
          poke();
        });
        live.set(claim.id, { claim, done });
      }
      if (claims.length > 0) dirty = true;
    }
  };

  let stopUpkeep: (() => void) | undefined;
  let looping = Promise.resolve();
  return {
    start() {
      owner.listen("inbox", poke);
      stopUpkeep = keepUp(parts, () => [...live.values()].map(({ claim }) => claim), poke);
      looping = turns.reap().then(loop, loop);
    },
    async drain(patience) {
      stopping.abort();
      poke();
      await looping;
      const running = Promise.allSettled([...live.values()].map(({ done }) => done));
      const patient = new AbortController();
      await Promise.race([
        running,
        sleep(patience, undefined, { signal: patient.signal }).catch(() => {}),
      ]);
      patient.abort();
      leaving.abort(new Error("This process stops."));
      await running;
      stopUpkeep?.();
    },
  };
}

/** Looks for lost turns and missed wake-ups, and keeps our own claims alive. */
function keepUp(
  { turns, queue, log }: DispatcherParts,
  claims: () => Claim[],
  poke: () => void,
): () => void {
  const every = (interval: number, job: () => Promise<unknown>, what: string): NodeJS.Timeout =>
    setInterval(
      () => void job().catch((error: unknown) => log.warn({ error: messageOf(error) }, what)),
      interval,
    );
  const look = every(
    LOOK_EVERY,
    () => turns.reap().finally(poke),
    "cannot look for turns whose process is gone",
  );
  const touch = every(TOUCH_EVERY, () => queue.touch(claims()), "cannot touch the claims");
  return () => {
    clearInterval(look);
    clearInterval(touch);
  };
}

/** One claim to its end. Never throws: whatever happens is written down or left to the next attempt. */
async function handle(parts: DispatcherParts, claim: Claim, leaving: AbortSignal): Promise<void> {
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
    const outcome = await attempt(parts, turn, leaving);
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
  parts: DispatcherParts,
  turn: Turn,
  leaving: AbortSignal,
): Promise<"done" | "failed" | "released"> {
  const { turns, log } = parts;
  const { claim } = turn;
  try {
    await parts.answer(turn, leaving);
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
