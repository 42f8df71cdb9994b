import { setTimeout as wait } from "node:timers/promises";

/** What a call does for its reply: shows its first words, updates them, or brings the text that stays. */
export type CallKind = "first" | "edit" | "final";

/** One open reply's share of a budget. Disposing it gives the share back and rejects its waits with `Withdrawn`. */
export interface Slot extends Disposable {
  /**
   * Resolves when the call may be made, and counts it. A newer request withdraws the reply's waiting edit; a newer
   * edit takes its place in the queue. Rejects with the signal's reason, or with `Withdrawn`.
   */
  take(kind: CallKind, signal: AbortSignal): Promise<void>;
  /** The platform refused a call for now: nothing of this key goes for `retryAfter` milliseconds. */
  limited(retryAfter: number): void;
}

export interface Budgets {
  /** Opens a reply on `key`, a workspace or a channel. `perMinute` (1 or more) holds for the whole key from now on. */
  open(key: string, perMinute: number): Slot;
}

/** A wait that nobody needs any more: a newer request of the same reply replaced it, or the reply was closed. */
export class Withdrawn extends Error {
  override readonly name = "Withdrawn";
}

interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

interface Reply {
  last: number;
  finished: boolean;
}

interface Request {
  readonly kind: CallKind;
  readonly reply: Reply;
  readonly since: number;
  readonly settled: PromiseWithResolvers<void>;
}

interface Budget {
  readonly clock: Clock;
  readonly replies: Set<Reply>;
  perMinute: number;
  blockedUntil: number;
  lastEdit: number;
  /** When the calls of the last minute were let go, oldest first. */
  calls: number[];
  waiting: Request[];
  timer: AbortController | undefined;
  requests: number;
}

const minute = 60_000;

/**
 * Who may call next, per key. First and final calls go at once: what people wait for is held back only when the
 * platform itself says so. They count, so that edits make room for them: edits go only while the last 60 s hold fewer
 * than `perMinute` calls. Edits have the minute's calls less one final call of each open reply that has had none: so many are
 * spread evenly over it, the longest waiting one first, and each reply edits once in as many turns as replies are open.
 * Times are milliseconds; a timer runs only while a request waits for one.
 */
export function createBudgets(clock: Partial<Clock> = {}): Budgets {
  const budgets = new Map<string, Budget>();
  const now = clock.now ?? (() => performance.now());
  const sleep = clock.sleep ?? (async (ms, signal) => wait(ms, undefined, { signal }));
  const createBudget = (perMinute: number): Budget => ({
    clock: { now, sleep },
    replies: new Set(),
    perMinute,
    blockedUntil: -Infinity,
    lastEdit: -Infinity,
    calls: [],
    waiting: [],
    timer: undefined,
    requests: 0,
  });
  return {
    open(key, perMinute) {
      if (!(perMinute >= 1))
        throw new RangeError(`A budget needs a call a minute, got ${perMinute}.`);
      for (const [other, budget] of budgets) if (isIdle(budget)) budgets.delete(other);
      const budget = budgets.get(key) ?? createBudget(perMinute);
      budgets.set(key, budget);
      budget.perMinute = perMinute;
      return openSlot(budget);
    },
  };
}

function isIdle({ clock, replies, calls, blockedUntil }: Budget): boolean {
  const until = Math.max(blockedUntil, (calls.at(-1) ?? -Infinity) + minute);
  return replies.size === 0 && until <= clock.now();
}

function openSlot(budget: Budget): Slot {
  const reply: Reply = { last: -Infinity, finished: false };
  budget.replies.add(reply);
  advance(budget);
  return {
    async take(kind, signal) {
      signal.throwIfAborted();
      if (!budget.replies.has(reply)) throw new Withdrawn("This reply is closed.");
      const edit = budget.waiting.find((other) => other.reply === reply && other.kind === "edit");
      if (edit !== undefined) withdraw(budget, edit, new Withdrawn("A newer request replaced it."));
      const settled = Promise.withResolvers<void>();
      const since = (kind === "edit" ? edit?.since : undefined) ?? (budget.requests += 1);
      const request = { kind, reply, since, settled };
      budget.waiting.push(request);
      const abort = (): void => withdraw(budget, request, signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      advance(budget);
      await settled.promise.finally(() => signal.removeEventListener("abort", abort));
    },
    limited(retryAfter) {
      budget.blockedUntil = Math.max(budget.blockedUntil, budget.clock.now() + retryAfter);
      advance(budget);
    },
    [Symbol.dispose]() {
      budget.replies.delete(reply);
      for (const request of budget.waiting.filter((other) => other.reply === reply)) {
        withdraw(budget, request, new Withdrawn("This reply is closed."));
      }
      advance(budget);
    },
  };
}

function withdraw(budget: Budget, request: Request, reason: unknown): void {
  budget.waiting = budget.waiting.filter((other) => other !== request);
  request.settled.reject(reason);
  advance(budget);
}

/** Lets go what may go now, and sets one timer for what goes next. */
function advance(budget: Budget): void {
  budget.timer?.abort();
  budget.timer = undefined;
  for (let next = nextOf(budget); next !== undefined; next = nextOf(budget)) {
    const time = budget.clock.now();
    if (next.at > time) return wake(budget, next.at - time);
    const { kind, reply, settled } = next.request;
    budget.waiting = budget.waiting.filter((other) => other.settled !== settled);
    budget.calls.push(time);
    reply.last = time;
    if (kind === "edit") budget.lastEdit = time;
    reply.finished ||= kind === "final";
    settled.resolve();
  }
}

function wake(budget: Budget, ms: number): void {
  if (ms === Infinity) return;
  const timer = new AbortController();
  budget.timer = timer;
  void budget.clock.sleep(ms, timer.signal).then(
    () => budget.timer === timer && advance(budget),
    (error: unknown) => {
      if (!timer.signal.aborted) throw error;
    },
  );
}

/** The request that goes next and when: Infinity when only another reply's end can make room for it. */
function nextOf(budget: Budget): { request: Request; at: number } | undefined {
  const { clock, perMinute, replies, waiting } = budget;
  const time = clock.now();
  const calls = budget.calls.filter((call) => call + minute > time);
  budget.calls = calls;
  const free = (allowed: number): number =>
    allowed < 1
      ? Infinity
      : Math.max(budget.blockedUntil, (calls.at(-allowed) ?? -Infinity) + minute);
  const urgent = waiting.find(({ kind }) => kind !== "edit");
  if (urgent !== undefined) return { request: urgent, at: budget.blockedUntil };
  const share = perMinute - [...replies].filter(({ finished }) => !finished).length;
  const gap = minute / Math.max(1, share);
  const earliest = Math.max(time, free(share), budget.lastEdit + gap);
  const edits = waiting.map((request) => {
    return { request, at: Math.max(earliest, request.reply.last + gap * replies.size) };
  });
  return edits.toSorted((a, b) => a.at - b.at || a.request.since - b.request.since)[0];
}
