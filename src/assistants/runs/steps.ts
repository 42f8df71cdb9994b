/** The verbs with which an execution writes its steps. They are fenced as lifecycle.ts says. */
import type { Sql } from "../../store/pool.ts";
import { newId } from "../ids.ts";
import { type MessageRow, nextTime, textContent } from "../objects/message.ts";
import type { StepRow } from "../objects/step.ts";
import { type Changed, type Claim, lost } from "./lifecycle.ts";

/** Holds the run against other claims for the length of the statement. */
const HELD = `held as (
  select id, thread_id, assistant_id from run
  where id = $1 and fence = $2 and status = 'in_progress' for no key update
)`;

interface Opened {
  readonly message: MessageRow;
  readonly step: StepRow;
}

export async function openMessage(sql: Sql, claim: Claim, at: number): Promise<Opened> {
  const { rows } = await sql.query<{ message: MessageRow | null; step: StepRow | null }>(
    `with ${HELD}, opened as (
       insert into message (id, thread_id, created_at, role, status, content, attachments, metadata,
         assistant_id, run_id)
       select $3, thread_id, ${nextTime("$5::bigint", "held.thread_id")}, 'assistant', 'in_progress', '[]', '[]', '{}',
         assistant_id, id from held returning *
     ), step as (
       insert into run_step (id, run_id, thread_id, assistant_id, created_at, type, status, message_id, metadata)
       select $4, id, thread_id, assistant_id, $5, 'message_creation', 'in_progress', $3, '{}' from held returning *
     )
     select (select to_json(opened) from opened) as message, (select to_json(step) from step) as step`,
    [claim.runId, claim.fence, newId("msg"), newId("step"), at],
  );
  const { message = null, step = null } = rows[0] ?? {};
  return message === null || step === null ? lost(sql, claim) : { message, step };
}

/** Keeps what was written so far, for readers and for the case that this process dies. */
export async function saveText(
  sql: Sql,
  claim: Claim,
  messageId: string,
  text: string,
): Promise<void> {
  const { rowCount } = await sql.query(
    `with ${HELD}
     update message set content = $4 where id = $3 and status = 'in_progress' and exists (select 1 from held)`,
    [claim.runId, claim.fence, messageId, JSON.stringify(textContent(text))],
  );
  if (rowCount === 0) await lost(sql, claim);
}

/**
 * Completes the open message because tool calls follow in the same answer. An answer is counted once, on its
 * last step, so this step's usage is zero.
 */
export async function completeMessage(
  sql: Sql,
  claim: Claim,
  messageId: string,
  text: string,
  at: number,
): Promise<Changed> {
  const { rows } = await sql.query<{ held: boolean } & Partial<Changed>>(
    `with ${HELD}, closed as (
       update message set status = 'completed', completed_at = $5::bigint, content = $4::json
       where id = $3 and status = 'in_progress' and exists (select 1 from held) returning *
     ), step as (
       update run_step set status = 'completed', completed_at = $5::bigint
       where run_id = $1 and status = 'in_progress' and exists (select 1 from held) returning *
     )
     select exists (select 1 from held) as held,
       (select to_json(closed) from closed) as message, (select to_json(step) from step) as step`,
    [claim.runId, claim.fence, messageId, JSON.stringify(textContent(text)), at],
  );
  const { held, message = null, step = null } = rows[0] ?? { held: false };
  return held ? { message, step } : lost(sql, claim);
}

export async function openToolCalls(sql: Sql, claim: Claim, at: number): Promise<StepRow> {
  const { rows } = await sql.query<StepRow>(
    `with ${HELD}
     insert into run_step (id, run_id, thread_id, assistant_id, created_at, type, status, tool_calls, metadata)
     select $3, id, thread_id, assistant_id, $4, 'tool_calls', 'in_progress', '[]', '{}' from held returning *`,
    [claim.runId, claim.fence, newId("step"), at],
  );
  return rows[0] ?? lost(sql, claim);
}

/** What an execution that died left open is ended, so that the run can go on from its last finished step. */
export async function closeInterrupted(sql: Sql, claim: Claim, at: number): Promise<Changed> {
  const { rows } = await sql.query<{ held: boolean } & Partial<Changed>>(
    `with ${HELD}, closed as (
       update message set status = 'incomplete', incomplete_reason = 'run_failed', incomplete_at = $3::bigint
       where run_id = $1 and status = 'in_progress' and exists (select 1 from held) returning *
     ), step as (
       update run_step set status = 'failed', failed_at = $3::bigint, last_error = $4::json
       where run_id = $1 and status = 'in_progress' and exists (select 1 from held) returning *
     )
     select exists (select 1 from held) as held,
       (select to_json(closed) from closed) as message, (select to_json(step) from step) as step`,
    [claim.runId, claim.fence, at, JSON.stringify({ code: "server_error", message: INTERRUPTED })],
  );
  const { held, message = null, step = null } = rows[0] ?? { held: false };
  return held ? { message, step } : lost(sql, claim);
}

const INTERRUPTED = "The server was interrupted while it worked on this step.";
