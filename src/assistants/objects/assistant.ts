import type OpenAI from "openai";

import type { Sql } from "../../store/pool.ts";
import { notFound } from "../errors.ts";
import { newId } from "../ids.ts";
import type { AssistantFields } from "../requests/assistant.ts";
import type { FunctionTool } from "../requests/common.ts";
import { listColumns, type Time, secondsOf } from "./columns.ts";

/** `reasoning_effort` is in the contract's requests but not in its object; clients need to read back what they set. */
export type Assistant = OpenAI.Beta.Assistant & {
  reasoning_effort: OpenAI.ReasoningEffort;
};

export interface AssistantRow {
  readonly id: string;
  readonly created_at: Time;
  readonly name: string | null;
  readonly description: string | null;
  readonly model: string;
  readonly instructions: string | null;
  readonly tools: FunctionTool[];
  readonly tool_resources: OpenAI.Beta.Assistant.ToolResources;
  readonly metadata: Record<string, string>;
  readonly temperature: number | null;
  readonly top_p: number | null;
  readonly response_format: OpenAI.Beta.Threads.AssistantResponseFormatOption | null;
  readonly reasoning_effort: OpenAI.ReasoningEffort;
}

export function showAssistant(row: AssistantRow): Assistant {
  return {
    id: row.id,
    object: "assistant",
    created_at: secondsOf(row.created_at),
    name: row.name,
    description: row.description,
    model: row.model,
    instructions: row.instructions,
    tools: row.tools,
    tool_resources: row.tool_resources,
    metadata: row.metadata,
    temperature: row.temperature ?? 1,
    top_p: row.top_p ?? 1,
    response_format: row.response_format ?? "auto",
    reasoning_effort: row.reasoning_effort,
  };
}

export async function findAssistant(sql: Sql, id: string): Promise<AssistantRow> {
  const { rows } = await sql.query<AssistantRow>("select * from assistant where id = $1", [id]);
  return one(rows, id);
}

export async function insertAssistant(
  sql: Sql,
  fields: AssistantFields & { model: string },
  at: number,
): Promise<AssistantRow> {
  const id = newId("asst");
  const defaults = { tools: [], tool_resources: {}, metadata: {} };
  const columns = listColumns({ ...defaults, ...columnsOf(fields), id, created_at: at });
  const { rows } = await sql.query<AssistantRow>(
    `insert into assistant (${columns.names.join(", ")})
     values (${columns.names.map((_, index) => `$${index + 1}`).join(", ")}) returning *`,
    columns.values,
  );
  return one(rows, id);
}

/** Changes what `fields` names and nothing else. */
export async function updateAssistant(
  sql: Sql,
  id: string,
  fields: AssistantFields,
): Promise<AssistantRow> {
  const columns = listColumns(columnsOf(fields));
  if (columns.names.length === 0) return findAssistant(sql, id);
  const { rows } = await sql.query<AssistantRow>(
    `update assistant set ${columns.names.map((name, index) => `${name} = $${index + 2}`).join(", ")}
     where id = $1 returning *`,
    [id, ...columns.values],
  );
  return one(rows, id);
}

/** Its runs and messages stay: they belong to their threads. */
export async function deleteAssistant(sql: Sql, id: string): Promise<void> {
  const { rowCount } = await sql.query("delete from assistant where id = $1", [id]);
  if (rowCount === 0) throw notFound("assistant", id);
}

function one(rows: readonly AssistantRow[], id: string): AssistantRow {
  const [row] = rows;
  if (row === undefined) throw notFound("assistant", id);
  return row;
}

/** The fields that a request named, as columns; `null` gives metadata and resources back their empty form. */
function columnsOf(fields: AssistantFields): Readonly<Record<string, unknown>> {
  const columns: Record<string, unknown> = { ...fields };
  for (const name of ["metadata", "tool_resources"]) {
    if (name in columns && columns[name] !== undefined) columns[name] ??= {};
  }
  return columns;
}
