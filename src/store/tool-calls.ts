import type { Database } from "./pool.ts";
import type { Claim } from "./queue.ts";

export interface RecordedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** What a repetition would cost: `read` may be done again, anything else may not. */
  readonly risk: string;
}

/** The journal of tool calls: written before a tool starts, and again with its output. */
export interface ToolCalls {
  /**
   * Records that a call starts. `new`: go ahead. `done`: it was called before, and this was its output.
   * `interrupted`: it was started before, and nobody knows what became of it.
   */
  start(
    claim: Claim,
    runId: string,
    call: RecordedCall,
  ): Promise<{ state: "new" | "interrupted" } | { state: "done"; output: string }>;
  finish(runId: string, id: string, output: string): Promise<void>;
}

export function createToolCalls(database: Database): ToolCalls {
  return {
    async start(claim, runId, call) {
      const inserted = await database.query(
        `insert into tool_call (run_id, id, turn_id, name, arguments, risk) values ($1, $2, $3, $4, $5, $6)
         on conflict (run_id, id) do nothing`,
        [runId, call.id, claim.id, call.name, call.arguments, call.risk],
      );
      if (inserted.rowCount === 1) return { state: "new" };
      const { rows } = await database.query<{ output: string | null }>(
        "select output from tool_call where run_id = $1 and id = $2",
        [runId, call.id],
      );
      const output = rows[0]?.output;
      return typeof output === "string" ? { state: "done", output } : { state: "interrupted" };
    },
    async finish(runId, id, output) {
      await database.query(
        "update tool_call set output = $3, ended_at = now() where run_id = $1 and id = $2",
        [runId, id, output],
      );
    },
  };
}
