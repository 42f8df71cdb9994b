import type { Database } from "../../store/pool.ts";
import type { Model, ModelEvent, ModelUsage } from "../models/model.ts";
import type { RunRow } from "../objects/run.ts";
import { announceEnd, announceRun, type EventHub } from "./events.ts";
import { type Claim, end, type Ending, requireAction } from "./lifecycle.ts";
import { callModel } from "./model-call.ts";
import { estimateUsage, prepareRequest } from "./request.ts";
import { createTranscript, type Transcript } from "./transcript.ts";

export interface Responding {
  readonly database: Database;
  readonly hub: EventHub;
  readonly models: (modelName: string) => Model;
  readonly contextTokens: number;
  /** Unix seconds. */
  readonly clock: () => number;
}

/** What an answer that fails half-way leaves to its execution. */
export interface Draft {
  transcript: Transcript | undefined;
}

type ModelEnd = Extract<ModelEvent, { type: "end" }>;

/** Asks the model once and stores and announces its answer; the run then has ended or requires action. */
export async function respond(
  deps: Responding,
  run: RunRow,
  options: {
    readonly fresh: boolean;
    readonly draft: Draft;
    readonly signal: AbortSignal;
    readonly failed: (error: unknown) => void;
  },
): Promise<void> {
  const { database, hub, clock, contextTokens } = deps;
  const claim: Claim = { runId: run.id, fence: run.fence };
  const prepared = await prepareRequest(database, run, { contextTokens, fresh: options.fresh });
  if (prepared.kind === "exhausted") {
    const usage = { promptTokens: 0, completionTokens: 0 };
    const ending: Ending = { status: "incomplete", reason: prepared.reason, usage };
    announceEnd(hub, await end(database, claim, ending, clock()));
    return;
  }

  const { request, knownCalls } = prepared;
  const { failed, signal, draft } = options;
  const transcript = createTranscript({ sql: database, hub, claim, clock, failed }, { knownCalls });
  draft.transcript = transcript;
  const { reason, usage: told } = await transcribe(
    callModel(deps.models(run.model), request, signal),
    transcript,
  );
  const usage = told ?? (await estimateUsage(request, wordsOf(transcript)));

  const answered = reason === "stop" || reason === "tool_calls";
  if (answered && transcript.calls.length > 0) {
    announceRun(hub, await requireAction(database, claim, transcript.calls, usage));
    return;
  }
  // An empty answer is a message as well, for clients that read the newest one.
  if (answered) await transcript.open();
  await transcript.settle();
  const ending = endingOf(reason, usage);
  announceEnd(hub, await end(database, claim, ending, clock(), transcript.text));
}

/** Writes the model's events down as they come. */
async function transcribe(
  events: AsyncIterable<ModelEvent>,
  transcript: Transcript,
): Promise<ModelEnd> {
  for await (const event of events) {
    switch (event.type) {
      case "text":
        await transcript.write(event.delta);
        break;
      case "tool_call":
        await transcript.openCall(event.id, event.name);
        break;
      case "tool_arguments":
        transcript.writeArguments(event.index, event.delta);
        break;
      case "end":
        return event;
      default:
        event satisfies never;
    }
  }
  throw new Error("callModel ended without an end.");
}

function endingOf(reason: ModelEnd["reason"], usage: ModelUsage): Ending {
  switch (reason) {
    case "stop":
    case "tool_calls":
      return { status: "completed", usage };
    case "max_tokens":
      return { status: "incomplete", reason: "max_completion_tokens", usage };
    case "content_filter":
      return { status: "incomplete", reason: undefined, usage };
    default:
      return reason satisfies never;
  }
}

function wordsOf(transcript: Transcript): string {
  const calls = transcript.calls.map((call) => call.function.name + call.function.arguments);
  return (transcript.text ?? "") + calls.join("");
}
