import { setTimeout as sleep } from "node:timers/promises";

import OpenAI, { APIConnectionError, InternalServerError, RateLimitError } from "openai";

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { createTranscript, type Transcript } from "./transcript.ts";

type Run = OpenAI.Beta.Threads.Run;
type Events = AsyncIterable<OpenAI.Beta.AssistantStreamEvent>;
export type FunctionCall = OpenAI.Beta.Threads.RequiredActionFunctionToolCall;
export type ToolOutput = OpenAI.Beta.Threads.RunSubmitToolOutputsParams.ToolOutput;

/** What a run tells the reply while it goes. `text` is always everything that people may see so far. */
export type RunProgress =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "ended"; readonly run: Run; readonly text: string };

export interface RunParts {
  readonly client: OpenAI;
  readonly threadId: string;
  /** Called once, as soon as the run's id is known. */
  readonly onRun: (runId: string) => Promise<void>;
  /** Answers all calls of one step; a call never fails, it has an output that says so. */
  readonly answerCalls: (runId: string, calls: readonly FunctionCall[]) => Promise<ToolOutput[]>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Milliseconds between two looks at a run whose stream we do not hold. */
const POLL = 500;

/** A run of which we hold the event stream, or one that another process or an earlier attempt has started. */
export type RunSource = { readonly events: Events } | { readonly runId: string };

/** Follows a run to its end, through its tool calls and through streams that are cut. */
export async function* followRun(parts: RunParts, source: RunSource): AsyncGenerator<RunProgress> {
  const transcript = createTranscript();
  let events = "events" in source ? source.events : undefined;
  let runId = "runId" in source ? source.runId : undefined;
  for (;;) {
    let run: Run | undefined;
    for await (const step of readStream(parts, transcript, events)) {
      if (step.type === "text") yield step;
      else run = step.run;
      if (run !== undefined && runId === undefined) await parts.onRun((runId = run.id));
    }
    if (runId === undefined)
      throw new Error("The stream of a new run ended before it named the run.");
    if (run === undefined || !isAtRest(run)) run = yield* poll(parts, transcript, runId);
    if (run.status !== "requires_action") {
      yield { type: "ended", run, text: transcript.text() };
      return;
    }
    const calls = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    events = await submit(parts, run, await parts.answerCalls(run.id, calls));
  }
}

type Step =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "run"; readonly run: Run };

/** A stream that is cut is no failure of the run: whoever reads this goes on by polling. */
async function* readStream(
  parts: RunParts,
  transcript: Transcript,
  events: Events | undefined,
): AsyncGenerator<Step> {
  if (events === undefined) return;
  try {
    for await (const event of events) {
      if (
        event.event.startsWith("thread.run.") &&
        "status" in event.data &&
        event.data.object === "thread.run"
      ) {
        yield { type: "run", run: event.data };
      } else if (transcript.read(event)) {
        yield { type: "text", text: transcript.text() };
      }
    }
  } catch (error) {
    if (!parts.signal.aborted)
      parts.log.warn({ error: messageOf(error) }, "a run's stream was cut; polling goes on");
  }
  // An aborted SDK stream just ends.
  parts.signal.throwIfAborted();
}

async function* poll(
  parts: RunParts,
  transcript: Transcript,
  runId: string,
): AsyncGenerator<{ type: "text"; text: string }, Run> {
  for (;;) {
    const seen = await look(parts, transcript, runId);
    if (seen?.changed === true) yield { type: "text", text: transcript.text() };
    if (seen !== undefined && isAtRest(seen.run)) return seen.run;
    await sleep(POLL, undefined, { signal: parts.signal });
  }
}

/** The run, then its messages: in this order a run that has ended is never seen without its last words. */
async function look(
  { client, threadId, signal, log }: RunParts,
  transcript: Transcript,
  runId: string,
): Promise<{ run: Run; changed: boolean } | undefined> {
  try {
    const run = await client.beta.threads.runs.retrieve(runId, { thread_id: threadId }, { signal });
    const page = { run_id: runId, order: "asc", limit: 100 } as const;
    const messages = await Array.fromAsync(
      client.beta.threads.messages.list(threadId, page, { signal }),
    );
    return { run, changed: transcript.replace(messages) };
  } catch (error) {
    // Looking again costs nothing, and the turn's deadline bounds it.
    if (!isPassing(error)) throw error;
    log.warn({ run: runId, error: messageOf(error) }, "cannot look at a run; trying again");
    return undefined;
  }
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof APIConnectionError ||
    error instanceof InternalServerError ||
    error instanceof RateLimitError
  );
}

async function submit(
  { client, threadId, signal, log }: RunParts,
  run: Run,
  outputs: ToolOutput[],
): Promise<Events | undefined> {
  try {
    return await client.beta.threads.runs.submitToolOutputs(
      run.id,
      { thread_id: threadId, tool_outputs: outputs, stream: true },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    // Refused because the run has moved on (expired, cancelled, or answered by an earlier attempt): look at it.
    log.warn(
      { run: run.id, error: messageOf(error) },
      "tool outputs were not taken; looking at the run",
    );
    return undefined;
  }
}

function isAtRest(run: Run): boolean {
  return run.status !== "queued" && run.status !== "in_progress" && run.status !== "cancelling";
}
