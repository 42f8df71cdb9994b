import type OpenAI from "openai";

import type { Sql } from "../../store/pool.ts";
import { notFound } from "../errors.ts";
import { maybeSecondsOf, secondsOf, type Time } from "./columns.ts";

export type Step = OpenAI.Beta.Threads.Runs.RunStep;
export type FunctionCall = OpenAI.Beta.Threads.Runs.FunctionToolCall;

export interface StepRow {
  readonly id: string;
  readonly run_id: string;
  readonly thread_id: string;
  readonly assistant_id: string;
  readonly created_at: Time;
  readonly type: Step["type"];
  readonly status: Step["status"];
  /** Of a message_creation step. */
  readonly message_id: string | null;
  /** Of a tool_calls step. */
  readonly tool_calls: FunctionCall[] | null;
  readonly last_error: OpenAI.Beta.Threads.Runs.RunStep.LastError | null;
  readonly expired_at: Time | null;
  readonly cancelled_at: Time | null;
  readonly failed_at: Time | null;
  readonly completed_at: Time | null;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly metadata: Record<string, string>;
}

export function showStep(row: StepRow): Step {
  return {
    id: row.id,
    object: "thread.run.step",
    created_at: secondsOf(row.created_at),
    run_id: row.run_id,
    assistant_id: row.assistant_id,
    thread_id: row.thread_id,
    type: row.type,
    status: row.status,
    cancelled_at: maybeSecondsOf(row.cancelled_at),
    completed_at: maybeSecondsOf(row.completed_at),
    expired_at: maybeSecondsOf(row.expired_at),
    failed_at: maybeSecondsOf(row.failed_at),
    last_error: row.last_error,
    step_details:
      row.type === "tool_calls"
        ? { type: "tool_calls", tool_calls: row.tool_calls ?? [] }
        : { type: "message_creation", message_creation: { message_id: row.message_id ?? "" } },
    usage: row.status === "in_progress" ? null : usageOf(row),
    metadata: row.metadata,
  };
}

export function usageOf(row: {
  prompt_tokens: number;
  completion_tokens: number;
}): OpenAI.Beta.Threads.Run.Usage {
  return {
    prompt_tokens: row.prompt_tokens,
    completion_tokens: row.completion_tokens,
    total_tokens: row.prompt_tokens + row.completion_tokens,
  };
}

export async function findStep(sql: Sql, runId: string, id: string): Promise<StepRow> {
  const { rows } = await sql.query<StepRow>(
    "select * from run_step where id = $1 and run_id = $2",
    [id, runId],
  );
  const [row] = rows;
  if (row === undefined) throw notFound("run step", id);
  return row;
}

/** All steps of a run, in the order in which they were made. */
export async function readSteps(sql: Sql, runId: string): Promise<StepRow[]> {
  const { rows } = await sql.query<StepRow>(
    "select * from run_step where run_id = $1 order by seq",
    [runId],
  );
  return rows;
}
