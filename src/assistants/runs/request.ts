import type { Sql } from "../../store/pool.ts";
import type {
  ModelFormat,
  ModelFunction,
  ModelItem,
  ModelRequest,
  ModelToolChoice,
  ModelUsage,
} from "../models/model.ts";
import type { MessageRow } from "../objects/message.ts";
import type { RunRow } from "../objects/run.ts";
import { readSteps, type StepRow } from "../objects/step.ts";
import { loadCounter, sizeOf, upperBound } from "./tokens.ts";
import { itemOf, readWindow } from "./window.ts";

/** Endpoints refuse to answer in fewer tokens than this. */
const SMALLEST_ANSWER = 16;
/** Tokens kept free for the answer where the run sets no limit, but at most a quarter of the model's context. */
const ANSWER_ROOM = 4_096;

/** What to send to the model, or which of the run's own limits leaves no room for it. */
export type Prepared =
  | {
      readonly kind: "request";
      readonly request: ModelRequest;
      readonly knownCalls: ReadonlySet<string>;
    }
  | { readonly kind: "exhausted"; readonly reason: "max_completion_tokens" | "max_prompt_tokens" };

/** `contextTokens` is the size of the model's context. A `fresh` run has no steps yet. */
export async function prepareRequest(
  sql: Sql,
  run: RunRow,
  options: { readonly contextTokens: number; readonly fresh: boolean },
): Promise<Prepared> {
  const maxOutputTokens =
    run.max_completion_tokens === null
      ? undefined
      : run.max_completion_tokens - run.completion_tokens;
  if (maxOutputTokens !== undefined && maxOutputTokens < SMALLEST_ANSWER) {
    return { kind: "exhausted", reason: "max_completion_tokens" };
  }
  const steps = options.fresh ? [] : await readSteps(sql, run.id);
  const own = await ownItems(sql, run, steps);
  const functions = run.tools.map(functionOf);

  const answer = Math.min(maxOutputTokens ?? ANSWER_ROOM, options.contextTokens / 4);
  const allowed =
    run.max_prompt_tokens === null ? Infinity : run.max_prompt_tokens - run.prompt_tokens;
  const limit = Math.min(options.contextTokens - answer, allowed);
  const room = limit - (await sizeOfFixed(run, functions, own, limit));
  const window = await readWindow(sql, run, Math.max(room, 0));
  if (allowed < Infinity && (room < 0 || !window.fits)) {
    return { kind: "exhausted", reason: "max_prompt_tokens" };
  }

  const called = steps.some((step) => step.type === "tool_calls" && step.status === "completed");
  const request: ModelRequest = {
    model: run.model,
    items: [...window.items, ...own],
    functions,
    ...(run.instructions !== "" && { instructions: run.instructions }),
    ...(functions.length > 0 && { toolChoice: toolChoiceOf(run, called) }),
    // The endpoints' own default is true, and some models refuse the option altogether.
    ...(functions.length > 0 && !run.parallel_tool_calls && { parallelToolCalls: false }),
    ...(run.temperature !== null && { temperature: run.temperature }),
    ...(run.top_p !== null && { topP: run.top_p }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(run.response_format !== "auto" && { format: formatOf(run.response_format) }),
    ...(run.reasoning_effort !== null && { reasoningEffort: run.reasoning_effort }),
  };
  const knownCalls = new Set(steps.flatMap((step) => step.tool_calls ?? []).map((call) => call.id));
  return { kind: "request", request, knownCalls };
}

/** The run's finished steps as the model made them: its texts, its calls, each call followed by its output. */
async function ownItems(sql: Sql, run: RunRow, steps: readonly StepRow[]): Promise<ModelItem[]> {
  const finished = steps.filter((step) => step.status === "completed");
  if (finished.length === 0) return [];
  const { rows } = await sql.query<MessageRow>(
    "select * from message where run_id = $1 and status = 'completed'",
    [run.id],
  );
  const messages = new Map(rows.map((row) => [row.id, row]));
  return finished.flatMap((step): ModelItem[] => {
    if (step.type === "message_creation") {
      const message = messages.get(step.message_id ?? "");
      const item = message && itemOf(message);
      return item === undefined ? [] : [item];
    }
    const calls = step.tool_calls ?? [];
    return [
      ...calls.map(({ id, function: { name, arguments: given } }) => ({
        type: "tool_call" as const,
        id,
        name,
        arguments: given,
      })),
      ...calls.map((call) => ({
        type: "tool_output" as const,
        id: call.id,
        output: call.function.output ?? "",
      })),
    ];
  });
}

/** Tokens of what is always sent. They are counted exactly only where the cheap bound exceeds the limit. */
async function sizeOfFixed(
  run: RunRow,
  functions: readonly ModelFunction[],
  own: readonly ModelItem[],
  limit: number,
): Promise<number> {
  const texts = [run.instructions, ...functions.map((each) => JSON.stringify(each))];
  const measure = (count: typeof upperBound): number =>
    texts.reduce((size, text) => size + count(text), 0) +
    own.reduce((size, item) => size + sizeOf(item, count), 0);
  const bound = measure(upperBound);
  // Half of the limit leaves room for messages; below that, the exact figure would change nothing.
  return bound <= limit / 2 ? bound : measure(await loadCounter());
}

function functionOf({ function: given }: RunRow["tools"][number]): ModelFunction {
  return {
    name: given.name,
    parameters: given.parameters ?? { type: "object", properties: {} },
    ...(given.description !== undefined && { description: given.description }),
    ...(typeof given.strict === "boolean" && { strict: given.strict }),
  };
}

/** A choice that forces a call is satisfied by one; forced after every output, a run would never end. */
function toolChoiceOf(run: RunRow, called: boolean): ModelToolChoice {
  const choice = run.tool_choice;
  if (choice === "auto" || choice === "none") return choice;
  if (called) return "auto";
  return choice === "required" || choice.function === undefined
    ? "required"
    : { name: choice.function.name };
}

function formatOf(format: Exclude<RunRow["response_format"], "auto">): ModelFormat {
  if (format.type !== "json_schema") return format;
  const { name, description, schema = {}, strict } = format.json_schema;
  return {
    type: "json_schema",
    name,
    schema,
    ...(description !== undefined && { description }),
    ...(typeof strict === "boolean" && { strict }),
  };
}

/** What an answer cost, for endpoints that do not say. */
export async function estimateUsage(request: ModelRequest, answer: string): Promise<ModelUsage> {
  const count = await loadCounter();
  const functions = request.functions.reduce((size, each) => size + count(JSON.stringify(each)), 0);
  const items = request.items.reduce((size, item) => size + sizeOf(item, count), 0);
  return {
    promptTokens: count(request.instructions ?? "") + functions + items,
    completionTokens: count(answer),
  };
}
