import { createHash } from "node:crypto";

/**
 * What a simulated chat service may do wrong, in words that every simulator shares.
 * A simulator asks `decide` once for each request it serves and carries out what comes back.
 */
export type Fault =
  /** Answers 429 and does nothing. Seconds, which both platforms speak; Slack's header is a whole number. */
  | { readonly type: "rate_limited"; readonly retryAfter: number }
  /** Answers 5xx and does nothing. */
  | { readonly type: "server_error"; readonly status: number }
  /** Closes the connection and does nothing. */
  | { readonly type: "reset_before" }
  /** Does what was asked, then closes the connection without an answer. */
  | { readonly type: "reset_after" }
  /** Does what was asked, and answers after this many milliseconds. */
  | { readonly type: "slow"; readonly ms: number }
  /** Refuses with the platform's own code and does nothing. */
  | { readonly type: "error"; readonly code: string };

/** One request, as the fault deciders see it. */
export interface Call {
  /** The platform's name of the operation: `chat.update`, `POST /channels/:id/messages`. */
  readonly operation: string;
  /** The channel it concerns, or "" where it concerns none. */
  readonly conversation: string;
  /** Counts the calls of this operation in this conversation, from 1. */
  readonly n: number;
}

export type Decider = (call: Call) => Fault | undefined;

/** An operation's name, some of a call's fields, or a predicate. */
export type Match = string | Partial<Call> | ((call: Call) => boolean);

export interface Faults {
  /** The next `times` matching calls (one by default) get this fault; earlier orders come first. */
  next(match: Match, fault: Fault, times?: number): void;
  /** Every matching call gets this fault until `clear`. */
  always(match: Match, fault: Fault): void;
  /** Asks this function about every call until `clear`. */
  decideBy(decider: Decider): void;
  clear(): void;
  /** For the simulator: counts the call and says what goes wrong with it. */
  decide(operation: string, conversation: string): Fault | undefined;
}

export const rateLimited = (retryAfter: number): Fault => ({ type: "rate_limited", retryAfter });
export const serverError = (status = 503): Fault => ({ type: "server_error", status });
export const resetBefore = (): Fault => ({ type: "reset_before" });
export const resetAfter = (): Fault => ({ type: "reset_after" });
export const slow = (ms: number): Fault => ({ type: "slow", ms });
export const refused = (code: string): Fault => ({ type: "error", code });

export function createFaults(): Faults {
  const deciders: { decide: Decider; left: number }[] = [];
  const counts = new Map<string, number>();
  const add = (decide: Decider, left: number): void => {
    deciders.push({ decide, left });
  };
  return {
    next: (match, fault, times = 1) =>
      add((call) => (matches(match, call) ? fault : undefined), times),
    always: (match, fault) => add((call) => (matches(match, call) ? fault : undefined), Infinity),
    decideBy: (decider) => add(decider, Infinity),
    clear: () => void deciders.splice(0),
    decide(operation, conversation) {
      const key = `${operation} ${conversation}`;
      const n = (counts.get(key) ?? 0) + 1;
      counts.set(key, n);
      for (const entry of deciders) {
        if (entry.left === 0) continue;
        const fault = entry.decide({ operation, conversation, n });
        if (fault === undefined) continue;
        entry.left -= 1;
        return fault;
      }
      return undefined;
    },
  };
}

/**
 * Random faults that are the same for the same seed, whatever order concurrent conversations run in:
 * each call's luck depends on the seed and the call alone. Print the seed where a test uses this.
 * `rate` is the share of calls that get a fault, 0 to 1.
 */
export function randomFaults(
  seed: string | number,
  rate: number,
  faults: readonly Fault[],
): Decider {
  return ({ operation, conversation, n }) => {
    const digest = createHash("sha256")
      .update(JSON.stringify([seed, conversation, operation, n]))
      .digest();
    if (digest.readUInt32BE(0) / 2 ** 32 >= rate) return undefined;
    return faults[digest.readUInt32BE(4) % faults.length];
  };
}

function matches(match: Match, call: Call): boolean {
  if (typeof match === "string") return match === call.operation;
  if (typeof match === "function") return match(call);
  return (
    (match.operation === undefined || match.operation === call.operation) &&
    (match.conversation === undefined || match.conversation === call.conversation) &&
    (match.n === undefined || match.n === call.n)
  );
}
