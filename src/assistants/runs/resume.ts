import type { Owner } from "../../store/owner.ts";
import type { Database } from "../../store/pool.ts";
import type { RunRow } from "../objects/run.ts";
import { takeOver } from "./claims.ts";
import { announceChanged, announceEnd, announceRun, type EventHub } from "./events.ts";
import type { Executor } from "./executor.ts";
import { end, type Ending } from "./lifecycle.ts";
import { closeInterrupted } from "./steps.ts";

/** Deaths of a process in the middle of a run's work after which the run is given up: it may be what kills them. */
const MOST_INTERRUPTIONS = 2;

export interface Resuming {
  readonly database: Database;
  readonly owner: Owner;
  readonly hub: EventHub;
  readonly executor: Executor;
  /** Unix seconds. */
  readonly clock: () => number;
}

/**
 * Goes on with a run that the caller has just claimed, and that nobody executes. A text that was cut off is
 * ended as it is and written again in a new step, from the last finished one: no model continues a cut text.
 */
export async function resume(deps: Resuming, run: RunRow): Promise<void> {
  const { database, hub, executor, clock } = deps;
  if (run.status === "cancelling") {
    announceRun(hub, run);
    await finish(deps, run, { status: "cancelled" });
  } else if (isDue(run, clock())) {
    await finish(deps, run, { status: "expired" });
  } else if (run.status === "queued") {
    executor.start(run);
  } else if (run.interruptions >= MOST_INTERRUPTIONS) {
    await finish(deps, run, { status: "failed", error: GIVEN_UP });
  } else {
    const claim = { runId: run.id, fence: run.fence };
    announceChanged(hub, run.id, await closeInterrupted(database, claim, clock()));
    executor.start(run);
  }
}

/** The run as it is after the clock had its say: one that waited too long for outputs is expired. */
export async function settleOverdue(deps: Resuming, run: RunRow): Promise<RunRow> {
  if (run.status !== "requires_action" || !isDue(run, deps.clock())) return run;
  const claim = { runId: run.id, fence: run.fence };
  const taken = await takeOver(deps.database, claim, deps.owner.id);
  return taken === undefined ? run : finish(deps, taken, { status: "expired" });
}

async function finish(
  { database, hub, clock }: Resuming,
  run: RunRow,
  ending: Ending,
): Promise<RunRow> {
  const ended = await end(database, { runId: run.id, fence: run.fence }, ending, clock());
  announceEnd(hub, ended);
  return ended.run;
}

function isDue(run: RunRow, at: number): boolean {
  return Number(run.expires_at) <= at;
}

const GIVEN_UP = {
  code: "server_error",
  message: "The run was interrupted twice, because the server stopped while it worked on it.",
} as const;
