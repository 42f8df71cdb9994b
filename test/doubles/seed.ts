import type { Database } from "../../src/store/pool.ts";

const CALL = { id: "tool_call_id", type: "function", function: { name: "f", arguments: "{}" } };
const COMMON = "'thread_id', 'assistant_id', 1";

/**
 * Puts the objects into an empty database that the official SDK's own tests name: `assistant_id`, `thread_id`,
 * `message_id`, `run_id` (which waits for the output of `tool_call_id`) and `step_id`.
 */
export async function seed(database: Database): Promise<void> {
  await database.query("delete from thread");
  await database.query("delete from assistant");
  await database.query(
    `insert into assistant (id, created_at, model, tools, tool_resources, metadata)
     values ('assistant_id', 1, 'gpt-4o', '[]', '{}', '{}')`,
  );
  await database.query(
    "insert into thread (id, created_at, tool_resources, metadata) values ('thread_id', 1, '{}', '{}')",
  );
  await database.query(
    `insert into message (thread_id, assistant_id, created_at, id, role, status, completed_at, content, attachments, metadata)
     values (${COMMON}, 'message_id', 'user', 'completed', 1, '[]', '[]', '{}')`,
  );
  await database.query(
    `insert into run (thread_id, assistant_id, created_at, id, status, started_at, expires_at, required_action, model,
       instructions, tools, metadata, truncation_strategy, tool_choice, parallel_tool_calls, response_format)
     values (${COMMON}, 'run_id', 'requires_action', 1, 99999999999, $1, 'gpt-4o', '', '[]', '{}',
       '{"type":"auto","last_messages":null}', '"auto"', true, '"auto"')`,
    [JSON.stringify({ type: "submit_tool_outputs", submit_tool_outputs: { tool_calls: [CALL] } })],
  );
  await database.query(
    `insert into run_step (thread_id, assistant_id, created_at, id, run_id, type, status, tool_calls, metadata)
     values (${COMMON}, 'step_id', 'run_id', 'tool_calls', 'in_progress', $1, '{}')`,
    [JSON.stringify([{ ...CALL, function: { ...CALL.function, output: null } }])],
  );
}
