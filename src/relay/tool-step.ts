import type { ToolCalls } from "../store/tool-calls.ts";
import type { Turn } from "../store/turns.ts";
import type { Toolbox, ToolOutcome } from "../toolbox/index.ts";
import type { Observe } from "./events.ts";
import type { Place } from "./message.ts";
import type { FunctionCall, ToolOutput } from "./run.ts";

export interface ToolStepParts {
  readonly toolbox: Toolbox;
  readonly toolCalls: ToolCalls;
  readonly turn: Turn;
  /** Function names that this run was offered. */
  readonly offered: ReadonlySet<string>;
  readonly place: Place;
  readonly observe: Observe;
  readonly signal: AbortSignal;
}

const INTERRUPTED =
  "Error: this call was interrupted, and its outcome is unknown. Do not assume that it was carried out.";

/**
 * Answers all calls of one step, in parallel. Each is recorded before it starts and its output after:
 * after a restart a recorded output is used, a `read` call runs again, and any other call never does.
 */
export async function answerCalls(
  parts: ToolStepParts,
  runId: string,
  calls: readonly FunctionCall[],
): Promise<ToolOutput[]> {
  return Promise.all(
    calls.map(async (call) => ({
      tool_call_id: call.id,
      output: await answerCall(parts, runId, call),
    })),
  );
}

/** The model can ask for anything; what this conversation's assistant was not given stays out of its reach. */
function notOffered(name: string): ToolOutcome {
  return {
    output: `Error: the tool "${name}" is not offered here. Answer without it.`,
    ok: false,
    durationMs: 0,
  };
}

async function answerCall(
  parts: ToolStepParts,
  runId: string,
  call: FunctionCall,
): Promise<string> {
  const { toolbox, toolCalls, turn, place, observe, signal } = parts;
  const { name } = call.function;
  // An unknown name is answered without calling anything.
  const risk = toolbox.risk(name) ?? "read";
  const started = await toolCalls.start(turn.claim, runId, {
    id: call.id,
    name,
    arguments: call.function.arguments,
    risk,
  });
  if (started.state === "done") return started.output;
  if (started.state === "interrupted" && risk !== "read") {
    await toolCalls.finish(runId, call.id, INTERRUPTED);
    return INTERRUPTED;
  }

  const event = { turn: turn.claim.id, call: call.id, name };
  observe({ type: "tool", ...event, arguments: call.function.arguments });
  const outcome =
    !parts.offered.has(name) && toolbox.risk(name) !== undefined
      ? notOffered(name)
      : await toolbox.call(
          { id: call.id, name, arguments: call.function.arguments },
          {
            person: place.asker,
            platform: place.conversation.platform,
            conversation: turn.conversation,
          },
          signal,
        );
  // What was cut short by a shutdown has no outcome: the next attempt decides by the tool's risk.
  signal.throwIfAborted();
  await toolCalls.finish(runId, call.id, outcome.output);
  observe({
    type: "tool_ended",
    ...event,
    ok: outcome.ok,
    output: outcome.output,
    duration: outcome.durationMs,
  });
  return outcome.output;
}
