import type OpenAI from "openai";

import type { Sql } from "../../store/pool.ts";
import type { FunctionTool } from "../requests/common.ts";
import { maybeSecondsOf, secondsOf, type Time } from "./columns.ts";
import { usageOf } from "./step.ts";
import { missingFrom } from "./thread.ts";

export type RunStatus = OpenAI.Beta.Threads.RunStatus;
export type LastError = OpenAI.Beta.Threads.Run.LastError;

/** `reasoning_effort` is in the contract's requests but not in its object; clients need to read back what they set. */
export type Run = OpenAI.Beta.Threads.Run & { reasoning_effort: OpenAI.ReasoningEffort };

export interface RunRow {
  readonly id: string;
  readonly thread_id: string;
  readonly assistant_id: string;
  readonly created_at: Time;
  readonly status: RunStatus;
  readonly started_at: Time | null;
  readonly expires_at: Time;
  readonly cancelled_at: Time | null;
  readonly failed_at: Time | null;
  readonly completed_at: Time | null;
  readonly required_action: Run["required_action"];
  readonly last_error: LastError | null;
  readonly incomplete_details: Run["incomplete_details"];
  readonly model: string;
  readonly instructions: string;
  readonly tools: FunctionTool[];
  readonly metadata: Record<string, string>;
  readonly temperature: number | null;
  readonly top_p: number | null;
  readonly max_prompt_tokens: number | null;
  readonly max_completion_tokens: number | null;
  readonly truncation_strategy: {
    readonly type: "auto" | "last_messages";
    readonly last_messages: number | null;
  };
  readonly tool_choice: OpenAI.Beta.Threads.AssistantToolChoiceOption;
  readonly parallel_tool_calls: boolean;
  readonly response_format: OpenAI.Beta.Threads.AssistantResponseFormatOption;
  readonly reasoning_effort: OpenAI.ReasoningEffort;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly fence: number;
  readonly interruptions: number;
}

const ACTIVE: ReadonlySet<RunStatus> = new Set([
  "queued",
  "in_progress",
  "requires_action",
  "cancelling",
]);

/** A run that is not terminal: it locks its thread. */
export function isActive(status: RunStatus): boolean {
  return ACTIVE.has(status);
}

export function showRun(row: RunRow): Run {
  const active = isActive(row.status);
  const shows = row.status === "requires_action" || !active;
  return {
    id: row.id,
    object: "thread.run",
    created_at: secondsOf(row.created_at),
    assistant_id: row.assistant_id,
    thread_id: row.thread_id,
    status: row.status,
    started_at: maybeSecondsOf(row.started_at),
    expires_at: active ? secondsOf(row.expires_at) : null,
    cancelled_at: maybeSecondsOf(row.cancelled_at),
    failed_at: maybeSecondsOf(row.failed_at),
    completed_at: maybeSecondsOf(row.completed_at),
    required_action: row.required_action,
    last_error: row.last_error,
    model: row.model,
    instructions: row.instructions,
    tools: row.tools,
    metadata: row.metadata,
    temperature: row.temperature ?? 1,
    top_p: row.top_p ?? 1,
    max_completion_tokens: row.max_completion_tokens,
    max_prompt_tokens: row.max_prompt_tokens,
    truncation_strategy: row.truncation_strategy,
    incomplete_details: row.incomplete_details,
    usage: shows ? usageOf(row) : null,
    response_format: row.response_format,
    tool_choice: row.tool_choice,
    parallel_tool_calls: row.parallel_tool_calls,
    reasoning_effort: row.reasoning_effort,
  };
}

export async function findRun(sql: Sql, threadId: string, id: string): Promise<RunRow> {
  const { rows } = await sql.query<RunRow>("select * from run where id = $1 and thread_id = $2", [
    id,
    threadId,
  ]);
  return rows[0] ?? missingFrom(sql, threadId, "run", id);
}

/** The run that locks the thread, if there is one. */
export async function findActiveRun(sql: Sql, threadId: string): Promise<RunRow | undefined> {
  const { rows } = await sql.query<RunRow>(
    `select * from run where thread_id = $1
     and status in ('queued', 'in_progress', 'requires_action', 'cancelling')`,
    [threadId],
  );
  return rows[0];
}

export async function updateRun(
  sql: Sql,
  threadId: string,
  id: string,
  metadata: Record<string, string>,
): Promise<RunRow> {
  const { rows } = await sql.query<RunRow>(
    "update run set metadata = $3 where id = $1 and thread_id = $2 returning *",
    [id, threadId, JSON.stringify(metadata)],
  );
  return rows[0] ?? missingFrom(sql, threadId, "run", id);
}
