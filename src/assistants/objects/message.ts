import type OpenAI from "openai";

import type { Sql } from "../../store/pool.ts";
import { newId } from "../ids.ts";
import type { MessageFields } from "../requests/message.ts";
import { maybeSecondsOf, secondsOf, type Time } from "./columns.ts";
import { missingFrom } from "./thread.ts";

export type Message = OpenAI.Beta.Threads.Message;
export type IncompleteReason = OpenAI.Beta.Threads.Message.IncompleteDetails["reason"];

export interface MessageRow {
  readonly id: string;
  readonly seq: string;
  readonly thread_id: string;
  readonly created_at: Time;
  readonly role: "user" | "assistant";
  readonly status: Message["status"];
  readonly incomplete_reason: IncompleteReason | null;
  readonly completed_at: Time | null;
  readonly incomplete_at: Time | null;
  readonly content: Message["content"];
  readonly attachments: OpenAI.Beta.Threads.Message.Attachment[];
  readonly metadata: Record<string, string>;
  readonly assistant_id: string | null;
  readonly run_id: string | null;
}

export function showMessage(row: MessageRow): Message {
  return {
    id: row.id,
    object: "thread.message",
    created_at: secondsOf(row.created_at),
    assistant_id: row.assistant_id,
    thread_id: row.thread_id,
    run_id: row.run_id,
    status: row.status,
    incomplete_details: row.incomplete_reason === null ? null : { reason: row.incomplete_reason },
    incomplete_at: maybeSecondsOf(row.incomplete_at),
    completed_at: maybeSecondsOf(row.completed_at),
    role: row.role,
    content: row.content,
    attachments: row.attachments,
    metadata: row.metadata,
  };
}

/** The content of a message that holds one text. */
export function textContent(value: string): Message["content"] {
  return [{ type: "text", text: { value, annotations: [] } }];
}

export async function findMessage(sql: Sql, threadId: string, id: string): Promise<MessageRow> {
  const { rows } = await sql.query<MessageRow>(
    "select * from message where id = $1 and thread_id = $2",
    [id, threadId],
  );
  return rows[0] ?? missingFrom(sql, threadId, "message", id);
}

/**
 * SQL for the creation time of a thread's next message: clocks of several processes differ, and an answer
 * must never be listed before its question.
 */
export function nextTime(now: string, threadId: string): string {
  return `greatest(${now}, coalesce((select last.created_at from message last where last.thread_id = ${threadId}
    order by last.created_at desc, last.seq desc limit 1), 0))`;
}

/** Adds what a client wrote, in the given order. The caller holds the thread's lock. */
export async function insertMessages(
  sql: Sql,
  threadId: string,
  messages: readonly MessageFields[],
  at: number,
): Promise<MessageRow[]> {
  if (messages.length === 0) return [];
  const { rows } = await sql.query<MessageRow>(
    `insert into message (id, thread_id, created_at, role, status, completed_at, content, attachments, metadata)
     select id, $1, time, role, 'completed', time, content::json, '[]', metadata::json
     from unnest($3::text[], $4::text[], $5::text[], $6::text[])
       with ordinality as given (id, role, content, metadata, place),
       (select ${nextTime("$2::bigint", "$1")}) as clock (time)
     order by place returning *`,
    [
      threadId,
      at,
      messages.map(() => newId("msg")),
      messages.map((message) => message.role),
      messages.map((message) => JSON.stringify(contentOf(message))),
      messages.map((message) => JSON.stringify(message.metadata ?? {})),
    ],
  );
  return rows;
}

export async function updateMessage(
  sql: Sql,
  threadId: string,
  id: string,
  metadata: Record<string, string>,
): Promise<MessageRow> {
  const { rows } = await sql.query<MessageRow>(
    "update message set metadata = $3 where id = $1 and thread_id = $2 returning *",
    [id, threadId, JSON.stringify(metadata)],
  );
  return rows[0] ?? missingFrom(sql, threadId, "message", id);
}

/** False when the message is being written by a run, or is not there. */
export async function deleteMessage(sql: Sql, threadId: string, id: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    "delete from message where id = $1 and thread_id = $2 and status <> 'in_progress'",
    [id, threadId],
  );
  return rowCount > 0;
}

function contentOf(message: MessageFields): Message["content"] {
  if (typeof message.content === "string") return textContent(message.content);
  return message.content.map((part) =>
    part.type === "text"
      ? { type: "text", text: { value: part.text, annotations: [] } }
      : { type: "image_url", image_url: part.image_url },
  );
}
