import { setTimeout as sleep } from "node:timers/promises";

import { messageOf } from "../errors.ts";
import type { Owner } from "../store/owner.ts";
import type { Claim, Queue } from "../store/queue.ts";
import { handle, type HandlingParts, obey } from "./handling.ts";

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

export interface DispatcherParts extends HandlingParts {
  readonly queue: Queue;
  readonly owner: Owner;
  /** Turns at a time in this process. */
  readonly capacity: number;
}

/** Milliseconds. A wake-up that got lost is made up for by the next look. */
const LOOK_EVERY = 1_000;
const TOUCH_EVERY = 3_000;

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  return new ClaimingDispatcher(parts);
}

/** States: idle → start() → claiming → drain() → drained. */
class ClaimingDispatcher implements Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #live = new Map<
    string,
    { claim: Claim; control: AbortController; done: Promise<void> }
  >();
  readonly #stopping = new AbortController();
  readonly #leaving = new AbortController();
  #wake = Promise.withResolvers<void>();
  /** Whether something may wait that the last look has not seen. */
  #dirty = true;
  #looping: Promise<void> = Promise.resolve();
  readonly #cleanUp: (() => void)[] = [];

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  start(): void {
    const { owner, turns } = this.#parts;
    const poke = (): void => this.#poke();
    this.#cleanUp.push(
      owner.listen("inbox", poke),
      owner.listen("turn", (turnId) => this.#hear(turnId)),
      keepUp(this.#parts, () => [...this.#live.values()].map(({ claim }) => claim), poke),
    );
    const loop = (): Promise<void> => this.#loop();
    this.#looping = turns.reap().then(loop, loop);
  }

  async drain(patience: number): Promise<void> {
    this.#stopping.abort();
    this.#poke();
    await this.#looping;
    const running = Promise.allSettled([...this.#live.values()].map(({ done }) => done));
    const patient = new AbortController();
    await Promise.race([
      running,
      sleep(patience, undefined, { signal: patient.signal }).catch(() => {}),
    ]);
    patient.abort();
    this.#leaving.abort(new Error("This process stops."));
    await running;
    for (const clean of this.#cleanUp) clean();
  }

  #poke(): void {
    this.#dirty = true;
    this.#wake.resolve();
  }

  #hear(turnId: string): void {
    const turn = this.#live.get(turnId);
    if (turn !== undefined) void obey(this.#parts, turnId, turn.control);
  }

  async #loop(): Promise<void> {
    const { capacity } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      if (!this.#dirty || this.#live.size >= capacity) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
        continue;
      }
      this.#dirty = false;
      const claims = await this.#claim(capacity - this.#live.size);
      for (const claim of claims) this.#begin(claim);
      if (claims.length > 0) this.#dirty = true;
    }
  }

  async #claim(count: number): Promise<Claim[]> {
    const { queue, log } = this.#parts;
    try {
      return await queue.claim(count);
    } catch (error) {
      log.warn({ error: messageOf(error) }, "cannot claim work; the next look tries again");
      return [];
    }
  }

  #begin(claim: Claim): void {
    const control = new AbortController();
    const done = handle(this.#parts, claim, this.#leaving.signal, control).finally(() => {
      this.#live.delete(claim.id);
      this.#poke();
    });
    this.#live.set(claim.id, { claim, control, done });
  }
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
