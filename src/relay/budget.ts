import { setTimeout as delay } from "node:timers/promises";

/**
 * What a platform lets us do in a minute, shared by the replies that are open on it: Slack counts per workspace,
 * Discord per channel. First words and final texts go before intermediate edits, and never wait for a gap.
 */
export interface Budgets {
  /** A reply's place in the budget `key`. Dispose it when the reply is over. */
  open(key: string, perMinute: number): Slot;
}

export type Kind = "first" | "edit" | "final";

export interface Slot extends Disposable {
  /** Resolves when the call may be made; rejects with the signal's reason. */
  take(kind: Kind, signal: AbortSignal): Promise<void>;
  /** The platform said 429: nothing of this budget goes before `retryAfter` ms have passed. */
  limited(retryAfter: number): void;
}

export interface BudgetParts {
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

interface Waiting {
  readonly kind: Kind;
  readonly slot: object;
  readonly go: () => void;
}

interface Budget {
  readonly perMinute: number;
  /** When each open reply made its last edit. */
  readonly slots: Map<object, number>;
  waiting: Waiting[];
  /** When the calls of the last minute were made, oldest first. */
  calls: number[];
  notBefore: number;
  timer: AbortController | undefined;
}

const MINUTE = 60_000;

export function createBudgets({ now = Date.now, sleep = sleepReally }: BudgetParts = {}): Budgets {
  const budgets = new Map<string, Budget>();

  /** Lets go whoever may go, and sets the one timer for who may go next. */
  const pump = (budget: Budget): void => {
    budget.timer?.abort();
    budget.timer = undefined;
    for (let next = choose(budget); next !== undefined; next = choose(budget)) {
      const wait = waitOf(budget, next.kind, now());
      if (wait > 0) {
        const timer = (budget.timer = new AbortController());
        sleep(wait, timer.signal).then(
          () => pump(budget),
          () => {},
        );
        return;
      }
      budget.waiting = budget.waiting.filter((one) => one !== next);
      budget.calls.push(now());
      if (next.kind === "edit") budget.slots.set(next.slot, now());
      next.go();
    }
  };

  return {
    open(key, perMinute) {
      const budget = budgets.get(key) ?? newBudget(perMinute);
      budgets.set(key, budget);
      const slot = {};
      budget.slots.set(slot, -Infinity);
      return {
        async take(kind, signal) {
          signal.throwIfAborted();
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          const waiting: Waiting = { kind, slot, go: resolve };
          const leave = (): void => {
            budget.waiting = budget.waiting.filter((one) => one !== waiting);
            reject(signal.reason);
            pump(budget);
          };
          signal.addEventListener("abort", leave, { once: true });
          budget.waiting.push(waiting);
          pump(budget);
          await promise.finally(() => signal.removeEventListener("abort", leave));
        },
        limited(retryAfter) {
          budget.notBefore = Math.max(budget.notBefore, now() + retryAfter);
          pump(budget);
        },
        [Symbol.dispose]() {
          budget.slots.delete(slot);
          pump(budget);
        },
      };
    },
  };
}

function newBudget(perMinute: number): Budget {
  return { perMinute, slots: new Map(), waiting: [], calls: [], notBefore: 0, timer: undefined };
}

/** First words and finals in the order of asking; then the edit of the reply that has waited longest for one. */
function choose({ waiting, slots }: Budget): Waiting | undefined {
  const urgent = waiting.find((one) => one.kind !== "edit");
  if (urgent !== undefined) return urgent;
  const since = (one: Waiting): number => slots.get(one.slot) ?? -Infinity;
  return waiting.toSorted((a, b) => since(a) - since(b))[0];
}

/** Milliseconds until a call of this kind may be made. */
function waitOf(budget: Budget, kind: Kind, at: number): number {
  const { perMinute, slots } = budget;
  budget.calls = budget.calls.filter((call) => call > at - MINUTE);
  // Edits leave every open reply the call for its final text.
  const allowance = kind === "edit" ? Math.max(1, perMinute - slots.size) : perMinute;
  const blocking = budget.calls.at(-allowance);
  const window = blocking === undefined ? 0 : blocking + MINUTE - at;
  const lastEdit = Math.max(...slots.values());
  const gap = kind === "edit" ? lastEdit + MINUTE / perMinute - at : 0;
  return Math.max(0, budget.notBefore - at, window, gap);
}

async function sleepReally(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal });
}
