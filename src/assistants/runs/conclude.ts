import { Fenced } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Database } from "../../store/pool.ts";
import { ApiError, SORRY } from "../errors.ts";
import { ModelFailed } from "../models/model.ts";
import type { RunRow } from "../objects/run.ts";
import { release } from "./claims.ts";
import { announceEnd, announceRun, type EventHub } from "./events.ts";
import { type Claim, end, type Ending, Stopped } from "./lifecycle.ts";

export interface Concluding {
  readonly database: Database;
  readonly hub: EventHub;
  /** Unix seconds. */
  readonly clock: () => number;
  readonly log: Log;
}

/**
 * Whatever stopped an execution becomes its run's honest end. `text` is what its open message holds so far.
 * Throws only what the store throws; the run is then taken up again by the reaper.
 */
export async function conclude(
  deps: Concluding,
  claim: Claim,
  error: unknown,
  text: string | undefined,
): Promise<void> {
  const { database, hub, clock, log } = deps;
  if (error instanceof Stopped && error.why === "released") await release(database, claim);
  const ending = endingAfter(error, claim, log);
  if (ending === undefined) {
    log.info({ run: claim.runId }, "the execution of a run ends here, and the run does not");
    hub.fail(claim.runId, new ApiError(500, LEFT).body);
    return;
  }
  try {
    if (ending.status === "cancelled") await announceCancelling(deps, claim);
    announceEnd(hub, await end(database, claim, ending, clock(), text));
  } catch (later) {
    // The run may have been cancelled, or taken over, while its end was on the way.
    if (!(later instanceof Stopped || later instanceof Fenced)) throw later;
    await conclude(deps, claim, later, text);
  }
}

const LEFT = "This server no longer executes the run. Retrieve the run to see how it goes on.";

/** Undefined where the run is not this execution's to end: it goes on elsewhere, or was deleted. */
function endingAfter(error: unknown, { runId }: Claim, log: Log): Ending | undefined {
  if (error instanceof Fenced) return undefined;
  if (error instanceof Stopped) {
    const { why } = error;
    return why === "cancelled" || why === "expired" ? { status: why } : undefined;
  }
  if (error instanceof ModelFailed) {
    log.warn({ run: runId, code: error.code, err: error }, "the model gave no whole answer");
    return { status: "failed", error: { code: error.code, message: error.message } };
  }
  log.error({ run: runId, err: error }, "the execution of a run failed");
  return { status: "failed", error: { code: "server_error", message: SORRY } };
}

async function announceCancelling({ database, hub }: Concluding, { runId }: Claim): Promise<void> {
  const { rows } = await database.query<RunRow>("select * from run where id = $1", [runId]);
  for (const row of rows) if (row.status === "cancelling") announceRun(hub, row);
}
