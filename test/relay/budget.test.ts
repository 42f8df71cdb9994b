import { setImmediate as turn } from "node:timers/promises";

import { expect, test } from "vitest";

import { createBudgets, Withdrawn, type CallKind, type Slot } from "../../src/relay/budget.ts";

/** Time that passes only when the test says so. */
function createClock() {
  let time = 0;
  const timers = new Set<{ at: number; ring: () => void }>();
  return {
    now: () => time,
    sleep: (ms: number, signal: AbortSignal): Promise<void> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = { at: time + ms, ring: resolve };
      timers.add(timer);
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      return promise.finally(() => timers.delete(timer));
    },
    get timers() {
      return timers.size;
    },
    async advance(ms: number) {
      const end = time + ms;
      await turn();
      for (;;) {
        const [next] = [...timers].toSorted((one, other) => one.at - other.at);
        if (next === undefined || next.at > end) break;
        time = next.at;
        next.ring();
        await turn();
      }
      time = end;
    },
  };
}

const never = new AbortController().signal;

/** Budgets on a clock of their own, and the calls they let go, as `name kind at time`. */
function setUp() {
  const clock = createClock();
  const calls: string[] = [];
  const take = async (name: string, slot: Slot, kind: CallKind, signal = never): Promise<void> => {
    await slot.take(kind, signal);
    calls.push(`${name} ${kind} at ${clock.now()}`);
  };
  return { clock, calls, take, budgets: createBudgets(clock) };
}

/** A reply that always has something new to show, until the signal stops it. */
async function edits(slot: Slot, signal: AbortSignal, onEdit: () => void): Promise<void> {
  try {
    for (;;) {
      await slot.take("edit", signal);
      onEdit();
    }
  } catch (error) {
    if (error !== signal.reason && !(error instanceof Withdrawn)) throw error;
  }
}

test("the edits of one reply keep the key's gap, and the first of them follows the first words by one", async () => {
  const { clock, calls, take, budgets } = setUp();
  using slot = budgets.open("T1", 51);
  await take("a", slot, "first");
  for (let edit = 0; edit < 3; edit += 1) {
    const taken = take("a", slot, "edit");
    await clock.advance(2_000);
    await taken;
  }
  expect(calls).toEqual(["a first at 0", "a edit at 1200", "a edit at 2400", "a edit at 4000"]);
  expect(clock.timers).toBe(0);
});

test("the cadence widens with the replies that are open and narrows when they end", async () => {
  const { clock, budgets } = setUp();
  const stopped = new AbortController();
  const times: number[] = [];
  using slot = budgets.open("T1", 61);
  const working = [edits(slot, stopped.signal, () => times.push(clock.now()))];
  await clock.advance(2_000);
  expect(times).toEqual([0, 1_000, 2_000]);
  const others = [budgets.open("T1", 63), budgets.open("T1", 63)];
  for (const other of others) working.push(edits(other, stopped.signal, () => undefined));
  await clock.advance(9_000);
  expect(times.slice(3)).toEqual([5_000, 8_000, 11_000]);
  for (const other of others) other[Symbol.dispose]();
  budgets.open("T1", 61)[Symbol.dispose]();
  await clock.advance(3_000);
  expect(times.slice(6)).toEqual([12_000, 13_000, 14_000]);
  stopped.abort();
  await Promise.all(working);
  expect(clock.timers).toBe(0);
});

test("twenty replies share the budget evenly, and their finals go at once", async () => {
  const { clock, calls, take, budgets } = setUp();
  const replies = Array.from({ length: 20 }, (_, index) => ({
    name: String(index),
    slot: budgets.open("T1", 50),
    times: [] as number[],
    done: new AbortController(),
  }));
  await Promise.all(replies.map(async ({ name, slot }) => take(name, slot, "first")));
  expect(calls).toHaveLength(20);
  const working = replies.map(async ({ slot, times, done }) =>
    edits(slot, done.signal, () => times.push(clock.now())),
  );
  await clock.advance(300_000);
  const gaps = replies.flatMap(({ times }) =>
    times.slice(1).map((time, index) => time - (times[index] ?? 0)),
  );
  const even = (20 * 60_000) / (50 - 20);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1.5 * even);
  const counts = replies.map(({ times }) => times.length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  for (const { done } of replies) done.abort();
  await Promise.all(working);
  calls.length = 0;
  await Promise.all(replies.map(async ({ name, slot }) => take(name, slot, "final")));
  expect(calls).toHaveLength(20);
  expect(calls.every((call) => call.endsWith("at 300000"))).toBe(true);
  expect(clock.timers).toBe(0);
});

const KINDS: readonly CallKind[] = ["first", "first", "final", "first", "final"];

test("first words and final texts go at once, before an edit that waits, and the edit waits for them", async () => {
  const { clock, calls, take, budgets } = setUp();
  using one = budgets.open("C1", 4);
  using two = budgets.open("C1", 4);
  await take("one", one, "first");
  const edit = take("one", one, "edit");
  await Promise.all(KINDS.map(async (kind) => take("two", two, kind)));
  expect(calls).toHaveLength(6);
  await clock.advance(59_999);
  expect(calls).toHaveLength(6);
  await clock.advance(1);
  await edit;
  expect(calls.at(-1)).toBe("one edit at 60000");
});

test("edits leave room for the final text of every open reply", async () => {
  const { clock, calls, take, budgets } = setUp();
  using one = budgets.open("C1", 4);
  using two = budgets.open("C1", 4);
  await Promise.all([take("one", one, "first"), take("two", two, "first")]);
  const edit = take("one", one, "edit");
  await clock.advance(50_000);
  expect(calls).toHaveLength(2);
  await Promise.all([take("two", two, "final"), take("two", two, "final")]);
  await clock.advance(30_000);
  await edit;
  expect(calls.slice(2)).toEqual(["two final at 50000", "two final at 50000", "one edit at 60000"]);
});

test("a refusal stops its own key for as long as the platform said, and no other", async () => {
  const { clock, calls, take, budgets } = setUp();
  using one = budgets.open("C1", 60);
  using two = budgets.open("C2", 60);
  one.limited(5_000);
  one.limited(1_000);
  const waiting = [take("one", one, "final"), take("two", two, "final")];
  await clock.advance(10_000);
  await Promise.all(waiting);
  expect(calls).toEqual(["two final at 0", "one final at 5000"]);
});

test("a refusal also holds back a request that was waiting for its gap", async () => {
  const { clock, calls, take, budgets } = setUp();
  using slot = budgets.open("C1", 60);
  await take("a", slot, "first");
  const edit = take("a", slot, "edit");
  slot.limited(30_000);
  await clock.advance(40_000);
  await edit;
  expect(calls[1]).toBe("a edit at 30000");
});

test("edits count what replies that have ended called within the minute", async () => {
  const { clock, calls, take, budgets } = setUp();
  for (const name of ["a", "b"]) {
    using slot = budgets.open("C1", 3);
    await take(name, slot, "final");
  }
  await clock.advance(20_000);
  using slot = budgets.open("C1", 3);
  const edit = take("c", slot, "edit");
  await clock.advance(60_000);
  await edit;
  expect(calls[2]).toBe("c edit at 60000");
});

test("a newer request of a reply replaces its waiting edit and keeps its place", async () => {
  const { clock, calls, take, budgets } = setUp();
  using one = budgets.open("C1", 62);
  using two = budgets.open("C1", 62);
  await Promise.all([take("one", one, "first"), take("two", two, "first")]);
  const older = take("one", one, "edit");
  const other = take("two", two, "edit");
  const newer = take("one", one, "edit");
  await expect(older).rejects.toBeInstanceOf(Withdrawn);
  await clock.advance(3_000);
  await Promise.all([newer, other]);
  expect(calls.slice(2)).toEqual(["one edit at 2000", "two edit at 3000"]);
  const last = take("one", one, "edit");
  const final = take("one", one, "final");
  await expect(last).rejects.toBeInstanceOf(Withdrawn);
  await final;
});

test("an aborted wait rejects with the signal's reason and leaves neither queue nor timer behind", async () => {
  const { clock, calls, take, budgets } = setUp();
  using slot = budgets.open("C1", 60);
  await take("a", slot, "first");
  const reason = new Error("stopped");
  const stopping = new AbortController();
  const edit = take("a", slot, "edit", stopping.signal);
  await clock.advance(500);
  expect(clock.timers).toBe(1);
  stopping.abort(reason);
  await expect(edit).rejects.toBe(reason);
  await clock.advance(0);
  expect(clock.timers).toBe(0);
  await expect(slot.take("final", AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(calls).toHaveLength(1);
});

test("a closed reply waits for nothing and may ask for nothing", async () => {
  const { clock, take, budgets } = setUp();
  const slot = budgets.open("C1", 60);
  await take("a", slot, "first");
  const edit = take("a", slot, "edit");
  slot[Symbol.dispose]();
  await expect(edit).rejects.toBeInstanceOf(Withdrawn);
  await clock.advance(0);
  expect(clock.timers).toBe(0);
  await expect(slot.take("final", never)).rejects.toBeInstanceOf(Withdrawn);
});

test("the system's clock lets a waiting edit go", async () => {
  using slot = createBudgets().open("C1", 6_000);
  const started = performance.now();
  await slot.take("first", never);
  await slot.take("edit", never);
  expect(performance.now() - started).toBeGreaterThanOrEqual(9);
});
