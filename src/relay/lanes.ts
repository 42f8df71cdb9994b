import { setTimeout as sleep } from "node:timers/promises";

/** Runs the work of one key one after the other, in the order of the calls; different keys go side by side. */
export type Lanes = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** Milliseconds. Order is worth a short wait; work that hangs must not hold up what comes after it. */
const PATIENCE = 500;

/**
 * For adapters: what one message needs to be looked up must not let the next one of its channel overtake it,
 * because the order in which messages are handed over is the order in which they are answered.
 */
export function createLanes(): Lanes {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const mine = before === undefined ? work() : afterOrSoon(before).then(work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}

async function afterOrSoon(before: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const settled = before.then(
    () => done.abort(),
    () => done.abort(),
  );
  await Promise.race([
    settled,
    sleep(PATIENCE, undefined, { signal: done.signal }).catch(() => {}),
  ]);
}
