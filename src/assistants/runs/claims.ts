/**
 * Who executes a run. Every claim raises the fence, and with that takes the run from whoever held it:
 * of several processes that claim the same run at once, one gets it.
 */
import { aliveSql } from "../../store/owner.ts";
import type { Sql } from "../../store/pool.ts";
import { refuse } from "../errors.ts";
import { findRun, type RunRow, type RunStatus } from "../objects/run.ts";
import type { StepRow } from "../objects/step.ts";
import type { ToolOutput } from "../requests/run.ts";
import type { Claim } from "./lifecycle.ts";

/** Claims the run that was last seen with `fence`; undefined when somebody else was faster or it has ended. */
export async function takeOver(sql: Sql, seen: Claim, owner: string): Promise<RunRow | undefined> {
  const { rows } = await sql.query<RunRow>(
    `update run set owner = $3, fence = fence + 1,
       interruptions = interruptions + case when status = 'in_progress' then 1 else 0 end
     where id = $1 and fence = $2 and status in ('queued', 'in_progress', 'requires_action', 'cancelling')
     returning *`,
    [seen.runId, seen.fence, owner],
  );
  return rows[0];
}

/** Lets go of the run, so that another process, or the next start, goes on with it. */
export async function release(sql: Sql, claim: Claim): Promise<void> {
  await sql.query(
    `update run set owner = null, fence = fence + 1
     where id = $1 and fence = $2 and status in ('queued', 'in_progress', 'cancelling')`,
    [claim.runId, claim.fence],
  );
}

/** A run that waits for tool outputs has no execution that could end it, so the caller claims it. */
export async function cancel(
  sql: Sql,
  threadId: string,
  runId: string,
  owner: string,
): Promise<{ readonly run: RunRow; readonly mine: boolean }> {
  const { rows } = await sql.query<RunRow & { mine: boolean }>(
    `update run set status = 'cancelling', required_action = null,
       owner = case when status = 'requires_action' then $3::bigint else owner end,
       fence = fence + case when status = 'requires_action' then 1 else 0 end
     where id = $1 and thread_id = $2 and status in ('queued', 'in_progress', 'requires_action')
     returning *, coalesce(owner = $3::bigint, false) as mine`,
    [runId, threadId, owner],
  );
  const [row] = rows;
  if (row !== undefined) return { run: row, mine: row.mine };
  const run = await findRun(sql, threadId, runId);
  throw refuse(`Cannot cancel run with status '${run.status}'.`);
}

/** Takes the outputs of all calls at once and claims the run. To be called in a transaction. Throws ApiError. */
export async function submit(
  sql: Sql,
  run: { readonly threadId: string; readonly runId: string },
  outputs: readonly ToolOutput[],
  owner: string,
  at: number,
): Promise<{ readonly run: RunRow; readonly step: StepRow }> {
  const { rows } = await sql.query<RunRow>(
    "select * from run where id = $1 and thread_id = $2 for no key update",
    [run.runId, run.threadId],
  );
  const waiting = rows[0] ?? (await findRun(sql, run.threadId, run.runId));
  const calls = waiting.required_action?.submit_tool_outputs.tool_calls;
  if (waiting.status !== "requires_action" || calls === undefined) {
    throw refuse(`Runs in status "${waiting.status}" do not accept tool outputs.`);
  }
  checkIds(
    calls.map((call) => call.id),
    outputs.map((output) => output.tool_call_id),
  );
  const answers = new Map(outputs.map((output) => [output.tool_call_id, output.output]));
  const answered = calls.map((call) => ({
    ...call,
    function: { ...call.function, output: answers.get(call.id) ?? "" },
  }));
  const steps = await sql.query<StepRow>(
    `update run_step set status = 'completed', completed_at = $2, tool_calls = $3
     where run_id = $1 and status = 'in_progress' and type = 'tool_calls' returning *`,
    [run.runId, at, JSON.stringify(answered)],
  );
  const runs = await sql.query<RunRow>(
    `update run set status = 'queued', required_action = null, owner = $2, fence = fence + 1, interruptions = 0
     where id = $1 returning *`,
    [run.runId, owner],
  );
  const [step] = steps.rows;
  const [queued] = runs.rows;
  if (step === undefined || queued === undefined) {
    throw new Error(`Run ${run.runId} waits for outputs without an open step.`);
  }
  return { run: queued, step };
}

function checkIds(expected: readonly string[], given: readonly string[]): void {
  const complete = expected.length === given.length && expected.every((id) => given.includes(id));
  if (complete) return;
  throw refuse(`Expected tool outputs for call_ids ${listed(expected)}, got ${listed(given)}`);
}

function listed(ids: readonly string[]): string {
  return `[${ids.map((id) => `'${id}'`).join(", ")}]`;
}

/** A run that the reaper has to look at. */
export interface Unfinished {
  readonly id: string;
  readonly status: RunStatus;
  readonly fence: number;
  /** Owned by the asking process. */
  readonly mine: boolean;
  /** Past its expiry. */
  readonly due: boolean;
}

/**
 * Runs whose owner is dead or that have none, overdue runs that wait for outputs, and the asker's own.
 * `alive` is false while the asker's own lock is not held: then it has no right to others' runs.
 */
export async function listUnfinished(
  sql: Sql,
  owner: string,
  at: number,
): Promise<{ readonly runs: Unfinished[]; readonly alive: boolean }> {
  const { rows } = await sql.query<{ alive: boolean; run: Unfinished | null }>(
    `with dead as (
       select owner from (
         select distinct owner from run
         where status in ('queued', 'in_progress', 'cancelling') and owner is not null and owner <> $1::bigint
       ) as owners where not ${aliveSql("owners.owner")}
     ), unfinished as (
       select id, status, fence, coalesce(owner = $1::bigint, false) as mine, expires_at <= $2::bigint as due
       from run where
         (status in ('queued', 'in_progress', 'cancelling')
           and (owner is null or owner = $1::bigint or owner in (select owner from dead)))
         or (status = 'requires_action' and expires_at <= $2::bigint)
     )
     select ${aliveSql("$1::bigint")} as alive,
       case when unfinished.id is not null then to_json(unfinished) end as run
     from (select 1) as always left join unfinished on true`,
    [owner, at],
  );
  return { alive: rows[0]?.alive ?? false, runs: rows.flatMap(({ run }) => run ?? []) };
}
