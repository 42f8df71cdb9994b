import { ApiError, SORRY } from "../errors.ts";
import type { RunRow } from "../objects/run.ts";
import { conclude, type Concluding } from "./conclude.ts";
import { announceRun } from "./events.ts";
import { begin, type Claim, Stopped } from "./lifecycle.ts";
import { type Draft, respond, type Responding } from "./respond.ts";

/** Executes the runs that this process has claimed. Nothing here waits for a client. */
export interface Executor {
  /** Takes a run that was just claimed, queued or in_progress, and returns at once. */
  start(run: RunRow): void;
  /** Ends an execution; false when this process is not executing the run under that fence. */
  stop(claim: Claim, why: Stopped["why"]): boolean;
  has(claim: Claim): boolean;
  /** Ends the execution of a run that was deleted, whatever its fence. */
  drop(runId: string): void;
  /** Waits for all executions; once `signal` aborts, those that are left are released for others to go on with. */
  drain(signal: AbortSignal): Promise<void>;
}

interface Execution {
  readonly claim: Claim;
  readonly controller: AbortController;
  ended: Promise<void>;
}

export function createExecutor(deps: Responding & Concluding): Executor {
  const { hub, log } = deps;
  const executions = new Map<string, Execution>();

  function has(claim: Claim): boolean {
    return executions.get(claim.runId)?.claim.fence === claim.fence;
  }

  return {
    has,
    start(run) {
      const claim = { runId: run.id, fence: run.fence };
      const controller = new AbortController();
      const execution: Execution = { claim, controller, ended: Promise.resolve() };
      executions.set(run.id, execution);
      execution.ended = execute(deps, run, controller)
        .catch((error: unknown) => {
          // The store does not answer. The run stays this process's, and the reaper takes it up again.
          log.error({ run: run.id, err: error }, "a run could not be ended and is taken up again");
          hub.fail(run.id, new ApiError(500, SORRY).body);
        })
        .finally(() => {
          if (executions.get(run.id) === execution) executions.delete(run.id);
        });
    },
    stop(claim, why) {
      if (!has(claim)) return false;
      executions.get(claim.runId)?.controller.abort(new Stopped(why));
      return true;
    },
    drop(runId) {
      executions.get(runId)?.controller.abort(new Stopped("deleted"));
    },
    async drain(signal) {
      const release = (): void => {
        for (const { controller } of executions.values()) controller.abort(new Stopped("released"));
      };
      signal.addEventListener("abort", release);
      // A request that was under way may still start one.
      while (executions.size > 0) {
        if (signal.aborted) release();
        await Promise.all([...executions.values()].map(({ ended }) => ended));
      }
      signal.removeEventListener("abort", release);
    },
  };
}

async function execute(
  deps: Responding & Concluding,
  run: RunRow,
  controller: AbortController,
): Promise<void> {
  const { database, hub, clock } = deps;
  const claim = { runId: run.id, fence: run.fence };
  const draft: Draft = { transcript: undefined };
  try {
    // Read before `begin` stamps the start: a run that was never started has no steps to look up.
    const fresh = run.started_at === null;
    const begun = run.status === "queued" ? await begin(database, claim, clock()) : run;
    if (begun !== run) announceRun(hub, begun);
    const { signal } = controller;
    const failed = (error: unknown): void => controller.abort(error);
    await respond(deps, begun, { fresh, draft, signal, failed });
  } catch (error) {
    await draft.transcript?.settle();
    await conclude(deps, claim, error, draft.transcript?.text);
  }
}
