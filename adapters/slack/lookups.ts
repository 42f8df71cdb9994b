import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { LOOKUP_TIMEOUT } from "./limits.ts";

/**
 * Things that Slack is asked about while an event waits for its acknowledgement: kept for a while, bounded in number,
 * and never worth losing the event for.
 */
export interface Lookups<T> {
  /** Resolves when what can be had is known, at the latest after `patience`; never rejects. The first ids go first. */
  learn(ids: readonly string[]): Promise<void>;
  /** What is known, perhaps a little out of date; undefined where Slack has not told. */
  readonly get: (id: string) => T | undefined;
}

interface LookupsOptions<T> {
  /** What is looked up, for the log. */
  readonly what: string;
  readonly ask: (id: string) => Promise<T>;
  readonly log: Log;
  /** Milliseconds that `learn` takes at most. */
  readonly patience?: number;
  /** Milliseconds that an answer counts as known. */
  readonly lifetime?: number;
  /** Answers kept at most; the ones asked for longest ago go first. */
  readonly capacity?: number;
}

const MINUTE = 60_000;
/** Asked for at once at most: whoever names a hundred people must not use up what Slack allows in a minute. */
const AT_ONCE = 30;
/** What could not be had is asked for again after this many milliseconds. */
const FAILURE_LASTS = MINUTE;

export function createLookups<T>({
  what,
  ask,
  log,
  patience = LOOKUP_TIMEOUT,
  lifetime = 10 * MINUTE,
  capacity = 5000,
}: LookupsOptions<T>): Lookups<T> {
  const known = new Map<string, { readonly answer: T | undefined; readonly until: number }>();
  const underWay = new Map<string, Promise<void>>();

  const remember = (id: string, answer: T | undefined, period: number): void => {
    known.delete(id);
    known.set(id, { answer, until: Date.now() + period });
    const [oldest] = known.keys();
    if (known.size > capacity && oldest !== undefined) known.delete(oldest);
  };
  const lookUp = async (id: string): Promise<void> => {
    try {
      remember(id, await ask(id), lifetime);
    } catch (error) {
      log.debug({ id, reason: messageOf(error) }, `Slack did not tell of a ${what}`);
      // An answer that is out of date is better than none.
      remember(id, known.get(id)?.answer, FAILURE_LASTS);
    } finally {
      underWay.delete(id);
    }
  };
  const shared = (id: string): Promise<void> => {
    const asked = underWay.get(id) ?? lookUp(id);
    underWay.set(id, asked);
    return asked;
  };

  return {
    async learn(ids) {
      const missing = ids
        .filter((id) => (known.get(id)?.until ?? 0) < Date.now())
        .slice(0, AT_ONCE);
      if (missing.length > 0) await atMost(patience, Promise.all(missing.map(shared)));
    },
    get: (id) => known.get(id)?.answer,
  };
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
