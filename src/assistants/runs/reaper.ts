import { messageOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { listUnfinished, takeOver, type Unfinished } from "./claims.ts";
import { resume, type Resuming } from "./resume.ts";

/** Milliseconds between two looks at the unfinished runs. */
const TICK = 1_000;

/**
 * Sees to it that no run is left alone: takes over what dead processes left, ends what is overdue, and hears
 * what other processes say about this one's runs.
 */
export interface Reaper extends AsyncDisposable {
  /** Looks once, then every tick until disposed. */
  start(): Promise<void>;
}

export function createReaper(
  deps: Resuming & { readonly log: Log; readonly tick: number | undefined },
): Reaper {
  const { owner, executor, log, tick = TICK } = deps;
  const look = createLook(deps);
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;
  let unlisten: (() => void) | undefined;

  /** One look at a time; a store that does not answer is asked again. */
  function lookSoon(): Promise<void> {
    looking = looking
      .then(() => (stopped ? undefined : look()))
      .catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, "the unfinished runs could not be looked at");
      });
    return looking;
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => void lookSoon().then(schedule), tick);
  }

  return {
    async start() {
      // A payload names a run that was deleted; without one there is something to look at.
      unlisten = owner.listen("run", (runId) => {
        if (runId === "") void lookSoon();
        else executor.drop(runId);
      });
      await lookSoon();
      schedule();
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      unlisten?.();
      clearTimeout(timer);
      await looking;
    },
  };
}

function createLook(deps: Resuming & { readonly log: Log }): () => Promise<void> {
  const { database, owner, executor, clock, log } = deps;
  /** Runs of ours that were seen without an execution at the last look, by fence. */
  let suspects = new Map<string, number>();

  async function take(seen: Unfinished): Promise<void> {
    const run = await takeOver(database, { runId: seen.id, fence: seen.fence }, owner.id);
    if (run === undefined) return;
    log.info({ run: run.id, status: run.status }, "an unfinished run was taken over");
    await resume(deps, run);
  }

  return async () => {
    const { alive, runs } = await listUnfinished(database, owner.id, clock());
    const before = suspects;
    suspects = new Map();
    for (const seen of runs) {
      const claim = { runId: seen.id, fence: seen.fence };
      if (seen.mine && executor.has(claim)) {
        if (seen.status === "cancelling") executor.stop(claim, "cancelled");
        else if (seen.due) executor.stop(claim, "expired");
      } else if (seen.mine && before.get(seen.id) !== seen.fence) {
        // A run that was just created is claimed but not started for a moment: it is looked at twice.
        suspects.set(seen.id, seen.fence);
      } else if (alive) {
        await take(seen).catch((error: unknown) => {
          log.warn({ run: seen.id, error: messageOf(error) }, "a run could not be resumed yet");
        });
      }
    }
  };
}
