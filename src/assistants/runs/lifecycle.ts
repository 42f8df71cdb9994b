/**
 * A run's states, and the one statement that makes each transition:
 *
 *   (insertRun)──► queued ──begin──► in_progress ──end──► completed · incomplete · failed · expired
 *                    ▲                    │
 *                    │              requireAction
 *                 (submit)                ▼
 *                    └──────────── requires_action          any of the three ──(cancel)──► cancelling ──end──► cancelled
 *
 * All verbs of this file are an execution's own and carry its fence: once another process has claimed the run,
 * or it was cancelled, they change nothing and throw `Fenced` or `Stopped`. Claims are made in claims.ts.
 */
import { Fenced } from "../../errors.ts";
import type { Sql } from "../../store/pool.ts";
import type { ModelUsage } from "../models/model.ts";
import type { IncompleteReason, MessageRow } from "../objects/message.ts";
import { textContent } from "../objects/message.ts";
import type { LastError, RunRow, RunStatus } from "../objects/run.ts";
import type { FunctionCall, StepRow } from "../objects/step.ts";

/** The right to write to a run, until somebody else claims it. */
export interface Claim {
  readonly runId: string;
  readonly fence: number;
}

/** Why an execution ends although nothing went wrong. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  /** `released`: this process is leaving, and the run is for others to go on with. `deleted`: its thread is gone. */
  readonly why: "cancelled" | "expired" | "released" | "deleted";

  constructor(why: Stopped["why"]) {
    super(`The run was ${why}.`);
    this.why = why;
  }
}

export async function begin(sql: Sql, claim: Claim, at: number): Promise<RunRow> {
  const { rows } = await sql.query<RunRow>(
    `update run set status = 'in_progress', started_at = $3
     where id = $1 and fence = $2 and status = 'queued' returning *`,
    [claim.runId, claim.fence, at],
  );
  return rows[0] ?? lost(sql, claim);
}

/** The model asks for tools: nobody owns the run until their outputs are submitted. */
export async function requireAction(
  sql: Sql,
  claim: Claim,
  calls: readonly FunctionCall[],
  usage: ModelUsage,
): Promise<RunRow> {
  const wanted = calls.map(({ id, type, function: { name, arguments: given } }) => ({
    id,
    type,
    function: { name, arguments: given },
  }));
  const { rows } = await sql.query<RunRow>(
    `with held as (
       update run set status = 'requires_action', owner = null, required_action = $3::json,
         prompt_tokens = prompt_tokens + $5, completion_tokens = completion_tokens + $6
       where id = $1 and fence = $2 and status = 'in_progress' returning *
     ), step as (
       update run_step set tool_calls = $4::json, prompt_tokens = $5, completion_tokens = $6
       where run_id = $1 and status = 'in_progress' and exists (select 1 from held)
     )
     select * from held`,
    [
      claim.runId,
      claim.fence,
      JSON.stringify({ type: "submit_tool_outputs", submit_tool_outputs: { tool_calls: wanted } }),
      JSON.stringify(calls),
      usage.promptTokens,
      usage.completionTokens,
    ],
  );
  return rows[0] ?? lost(sql, claim);
}

/** How a run ends. `completed` and `incomplete` come with what the last answer cost. */
export type Ending =
  | { readonly status: "completed"; readonly usage: ModelUsage }
  | {
      readonly status: "incomplete";
      /** Left out where the contract has no word for it: an answer that a filter stopped. */
      readonly reason: "max_completion_tokens" | "max_prompt_tokens" | undefined;
      readonly usage: ModelUsage;
    }
  | { readonly status: "failed"; readonly error: LastError }
  | { readonly status: "cancelled" }
  | { readonly status: "expired" };

/** What one statement changed, to be announced in this order. */
export interface Changed {
  readonly message: MessageRow | null;
  readonly step: StepRow | null;
}

const FROM: Readonly<Record<Ending["status"], readonly RunStatus[]>> = {
  completed: ["in_progress"],
  incomplete: ["in_progress"],
  failed: ["queued", "in_progress"],
  cancelled: ["cancelling"],
  expired: ["queued", "in_progress", "requires_action"],
};

/** Ends the run together with its open message and step. `text` is the open message's, where it is newer than what was saved. */
export async function end(
  sql: Sql,
  claim: Claim,
  ending: Ending,
  at: number,
  text?: string,
): Promise<Changed & { readonly run: RunRow }> {
  const usage = "usage" in ending ? ending.usage : { promptTokens: 0, completionTokens: 0 };
  const error = ending.status === "failed" ? ending.error : undefined;
  const details = ending.status === "incomplete" ? { reason: ending.reason } : undefined;
  const { rows } = await sql.query<Partial<Changed> & { run: RunRow | null }>(
    `with held as (
       update run set status = $4, owner = null, required_action = null, last_error = $6::json,
         incomplete_details = $7::json,
         prompt_tokens = prompt_tokens + $8, completion_tokens = completion_tokens + $9,
         completed_at = case when $4 = 'completed' then $5::bigint end,
         failed_at = case when $4 = 'failed' then $5::bigint end,
         cancelled_at = case when $4 = 'cancelled' then $5::bigint end
       where id = $1 and fence = $2 and status = any($3::text[]) returning *
     ), ${CLOSE_MESSAGE}, ${CLOSE_STEP}
     select (select to_json(held) from held) as run,
       (select to_json(closed) from closed) as message, (select to_json(step) from step) as step`,
    [
      claim.runId,
      claim.fence,
      FROM[ending.status],
      ending.status,
      at,
      json(error),
      json(details),
      usage.promptTokens,
      usage.completionTokens,
      messageReason(ending),
      text === undefined ? null : JSON.stringify(textContent(text)),
      json(stepError(ending)),
    ],
  );
  const { run, message = null, step = null } = rows[0] ?? { run: null };
  return run === null ? lost(sql, claim) : { run, message, step };
}

const CLOSE_MESSAGE = `closed as (
  update message set content = coalesce($11::json, content), incomplete_reason = $10::text,
    status = case when $10::text is null then 'completed' else 'incomplete' end,
    completed_at = case when $10::text is null then $5::bigint end,
    incomplete_at = case when $10::text is not null then $5::bigint end
  where run_id = $1 and status = 'in_progress' and exists (select 1 from held) returning *
)`;

/** The text of an incomplete answer was written, so its step completed; calls that were cut off are of no use. */
const CLOSE_STEP = `step as (
  update run_step set last_error = case when ended.status = 'failed' then $12::json end, status = ended.status,
    prompt_tokens = prompt_tokens + $8, completion_tokens = completion_tokens + $9,
    completed_at = case when ended.status = 'completed' then $5::bigint end,
    failed_at = case when ended.status = 'failed' then $5::bigint end,
    cancelled_at = case when ended.status = 'cancelled' then $5::bigint end,
    expired_at = case when ended.status = 'expired' then $5::bigint end
  from (select id, case when $4 <> 'incomplete' then $4
      when type = 'message_creation' then 'completed' else 'failed' end as status
    from run_step where run_id = $1 and status = 'in_progress') as ended
  where run_step.id = ended.id and exists (select 1 from held) returning run_step.*
)`;

function messageReason(ending: Ending): IncompleteReason | null {
  switch (ending.status) {
    case "completed":
      return null;
    case "incomplete":
      return ending.reason === undefined ? "content_filter" : "max_tokens";
    case "failed":
      return "run_failed";
    case "cancelled":
      return "run_cancelled";
    case "expired":
      return "run_expired";
    default:
      return ending satisfies never;
  }
}

/** A step knows two of a run's three error codes. */
function stepError(ending: Ending): LastError | undefined {
  if (ending.status === "incomplete") {
    return {
      code: "server_error",
      message: "The model's answer ended in the middle of a tool call.",
    };
  }
  if (ending.status !== "failed") return undefined;
  const { code, message } = ending.error;
  return { code: code === "rate_limit_exceeded" ? code : "server_error", message };
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Why a fenced statement changed nothing. Throws always. */
export async function lost(sql: Sql, claim: Claim): Promise<never> {
  const { rows } = await sql.query<{ status: RunStatus; fence: number }>(
    "select status, fence from run where id = $1",
    [claim.runId],
  );
  const [run] = rows;
  if (run?.fence === claim.fence && run.status === "cancelling") throw new Stopped("cancelled");
  throw new Fenced(`Run ${claim.runId} is no longer this execution's.`);
}
