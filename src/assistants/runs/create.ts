import type { Database, Sql } from "../../store/pool.ts";
import { refuse } from "../errors.ts";
import { newId } from "../ids.ts";
import type { AssistantRow } from "../objects/assistant.ts";
import { listColumns } from "../objects/columns.ts";
import { insertMessages } from "../objects/message.ts";
import { findActiveRun, type RunRow } from "../objects/run.ts";
import { findThread, insertThread, lockThread, type ThreadRow } from "../objects/thread.ts";
import type { MessageFields } from "../requests/message.ts";
import type { RunFields } from "../requests/run.ts";
import type { ThreadFields } from "../requests/thread.ts";

/** The thread is locked by a run whose time is over; once that run is expired, the request can be tried again. */
export class OverdueRun extends Error {
  override readonly name = "OverdueRun";
  readonly run: RunRow;

  constructor(run: RunRow) {
    super(`Run ${run.id} is overdue.`);
    this.run = run;
  }
}

interface NewRun {
  readonly assistant: AssistantRow;
  readonly fields: RunFields;
  /** The process that will execute the run, and holds it from its first moment. */
  readonly owner: string;
  /** Unix seconds. */
  readonly at: number;
  /** Seconds after its creation when the run expires, whatever it is doing. */
  readonly lifetime: number;
}

/** Creates a queued run, with its additional messages or not at all. Throws ApiError, or OverdueRun. */
export async function createRun(
  database: Database,
  threadId: string,
  run: NewRun,
): Promise<RunRow> {
  const messages = run.fields.additional_messages ?? [];
  if (messages.length === 0) return insertRun(database, threadId, run);
  return database.transaction(async (sql) => {
    await lockThread(sql, threadId, messages.length);
    await insertMessages(sql, threadId, messages, run.at);
    return insertRun(sql, threadId, run);
  });
}

export async function createThreadAndRun(
  database: Database,
  fields: ThreadFields,
  run: NewRun,
): Promise<{ readonly thread: ThreadRow; readonly run: RunRow }> {
  return database.transaction(async (sql) => {
    const thread = await createThread(sql, fields, run.at);
    return { thread, run: await insertRun(sql, thread.id, run) };
  });
}

/** To be called in a transaction. */
export async function createThread(sql: Sql, fields: ThreadFields, at: number): Promise<ThreadRow> {
  const messages = fields.messages ?? [];
  const thread = await insertThread(sql, fields.metadata ?? {}, messages.length, at);
  await insertMessages(sql, thread.id, messages, at);
  return thread;
}

/** Adds a message on which no run is at work. To be called in a transaction. Throws ApiError, or OverdueRun. */
export async function addMessage(sql: Sql, threadId: string, message: MessageFields, at: number) {
  await lockThread(sql, threadId, 1);
  const active = await findActiveRun(sql, threadId);
  if (active !== undefined) {
    checkOverdue(active, at);
    throw refuse(`Can't add messages to ${threadId} while a run ${active.id} is active.`);
  }
  const [row] = await insertMessages(sql, threadId, [message], at);
  if (row === undefined) throw new Error("The message was not stored.");
  return row;
}

/**
 * One statement creates the run: it takes the thread's row lock, as everything does that adds messages, and the
 * unique index lets one of several creators win. A full thread may still be answered: its limit is for clients.
 */
async function insertRun(sql: Sql, threadId: string, run: NewRun): Promise<RunRow> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const created = await tryInsert(sql, threadId, run);
    if (created !== undefined) return created;
    await explainRefusal(sql, threadId, run.at);
    // The run that was in the way has ended since.
  }
  throw refuse(`Thread ${threadId} had an active run until just now. Try again.`);
}

const MOST_TRIES = 3;

async function tryInsert(sql: Sql, threadId: string, run: NewRun): Promise<RunRow | undefined> {
  const columns = listColumns({ id: newId("run"), ...columnsOf(run) });
  const { rows } = await sql.query<RunRow>(
    `with room as (
       update thread set message_count = message_count + 1
       where id = $1 returning id
     )
     insert into run (thread_id, ${columns.names.join(", ")})
     select room.id, ${columns.names.map((name, index) => `$${index + 2}${TYPES[name] ?? ""}`).join(", ")} from room
     on conflict (thread_id) where status in ('queued', 'in_progress', 'requires_action', 'cancelling')
     do nothing returning *`,
    [threadId, ...columns.values],
  );
  return rows[0];
}

/** Types that Postgres cannot infer from the parameters of a select. */
const TYPES: Readonly<Record<string, string>> = {
  created_at: "::bigint",
  expires_at: "::bigint",
  tools: "::json",
  metadata: "::json",
  temperature: "::double precision",
  top_p: "::double precision",
  max_prompt_tokens: "::integer",
  max_completion_tokens: "::integer",
  truncation_strategy: "::json",
  tool_choice: "::json",
  parallel_tool_calls: "::boolean",
  response_format: "::json",
  owner: "::bigint",
};

/** Throws what stands in the way of a run; returns where nothing does any more. */
async function explainRefusal(sql: Sql, threadId: string, at: number): Promise<void> {
  const active = await findActiveRun(sql, threadId);
  if (active !== undefined) {
    checkOverdue(active, at);
    throw refuse(`Thread ${threadId} already has an active run ${active.id}.`);
  }
  await findThread(sql, threadId);
}

function checkOverdue(active: RunRow, at: number): void {
  if (active.status === "requires_action" && Number(active.expires_at) <= at) {
    throw new OverdueRun(active);
  }
}

/** What the run's own fields leave open is the assistant's. */
function columnsOf({
  assistant,
  fields,
  owner,
  at,
  lifetime,
}: NewRun): Readonly<Record<string, unknown>> {
  const tools = fields.tools ?? assistant.tools;
  const choice = fields.tool_choice ?? "auto";
  const named = typeof choice === "object" ? choice.function.name : undefined;
  if (named !== undefined && !tools.some((tool) => tool.function.name === named)) {
    throw refuse(`Invalid value: '${named}'. The function is not among the run's tools.`, {
      param: "tool_choice",
      code: "invalid_value",
    });
  }
  const base = fields.instructions ?? assistant.instructions ?? "";
  const { type, last_messages = null } = fields.truncation_strategy ?? { type: "auto" };
  return {
    assistant_id: assistant.id,
    created_at: at,
    expires_at: at + lifetime,
    status: "queued",
    model: fields.model ?? assistant.model,
    instructions: [base, fields.additional_instructions ?? ""]
      .filter((text) => text !== "")
      .join("\n\n"),
    tools,
    metadata: fields.metadata ?? {},
    temperature: fields.temperature ?? assistant.temperature,
    top_p: fields.top_p ?? assistant.top_p,
    max_prompt_tokens: fields.max_prompt_tokens,
    max_completion_tokens: fields.max_completion_tokens,
    truncation_strategy: { type, last_messages: type === "auto" ? null : last_messages },
    tool_choice: choice,
    parallel_tool_calls: fields.parallel_tool_calls ?? true,
    response_format: fields.response_format ?? assistant.response_format ?? "auto",
    reasoning_effort: fields.reasoning_effort ?? assistant.reasoning_effort,
    owner,
  };
}
