import type OpenAI from "openai";

import type { Sql } from "../../store/pool.ts";
import { notFound, refuse } from "../errors.ts";
import { newId } from "../ids.ts";
import { type Time, secondsOf } from "./columns.ts";

/** Messages that a thread may hold. */
export const MOST_MESSAGES = 100_000;

export interface ThreadRow {
  readonly id: string;
  readonly created_at: Time;
  readonly tool_resources: OpenAI.Beta.Thread.ToolResources;
  readonly metadata: Record<string, string>;
  readonly message_count: number;
}

export function showThread(row: ThreadRow): OpenAI.Beta.Thread {
  return {
    id: row.id,
    object: "thread",
    created_at: secondsOf(row.created_at),
    tool_resources: row.tool_resources,
    metadata: row.metadata,
  };
}

export async function findThread(sql: Sql, id: string): Promise<ThreadRow> {
  const { rows } = await sql.query<ThreadRow>("select * from thread where id = $1", [id]);
  return one(rows, id);
}

/** A new thread with room for its first `messages`; nobody else knows it yet, so it needs no lock. */
export async function insertThread(
  sql: Sql,
  metadata: Record<string, string>,
  messages: number,
  at: number,
): Promise<ThreadRow> {
  const id = newId("thread");
  const { rows } = await sql.query<ThreadRow>(
    `insert into thread (id, created_at, tool_resources, metadata, message_count)
     values ($1, $2, '{}', $3, $4) returning *`,
    [id, at, JSON.stringify(metadata), messages],
  );
  return one(rows, id);
}

export async function updateThread(
  sql: Sql,
  id: string,
  metadata: Record<string, string>,
): Promise<ThreadRow> {
  const { rows } = await sql.query<ThreadRow>(
    "update thread set metadata = $2 where id = $1 returning *",
    [id, JSON.stringify(metadata)],
  );
  return one(rows, id);
}

/**
 * Locks the thread against other writers until the transaction ends and makes room for `more` messages.
 * Executions that add their messages are not held up: a foreign key asks for a weaker lock.
 */
export async function lockThread(sql: Sql, id: string, more: number): Promise<void> {
  const { rows } = await sql.query<{ message_count: number }>(
    "update thread set message_count = message_count + $2 where id = $1 returning message_count",
    [id, more],
  );
  const [row] = rows;
  if (row === undefined) throw notFound("thread", id);
  if (more > 0 && row.message_count > MOST_MESSAGES) {
    throw refuse(`Thread ${id} would hold more than ${MOST_MESSAGES} messages.`);
  }
}

/** Of an object and its thread, the one that is not there is named. Throws always. */
export async function missingFrom(
  sql: Sql,
  threadId: string,
  kind: "message" | "run",
  id: string,
): Promise<never> {
  await findThread(sql, threadId);
  throw notFound(kind, id);
}

function one(rows: readonly ThreadRow[], id: string): ThreadRow {
  const [row] = rows;
  if (row === undefined) throw notFound("thread", id);
  return row;
}
