import type OpenAI from "openai";

import { newId } from "../ids.ts";
import type { FunctionCall } from "../objects/step.ts";
import { announceOpenedStep, type EventHub } from "./events.ts";
import { createMessageWriter, type MessageWriter, type Writing } from "./message-writer.ts";
import { openToolCalls } from "./steps.ts";

/**
 * The writing side of one model answer: it becomes at most one message step, followed by at most one step of
 * tool calls. Steps are stored before they are announced; deltas are announced at once.
 */
export interface Transcript extends Pick<MessageWriter, "open" | "write" | "settle" | "text"> {
  openCall(id: string, name: string): Promise<void>;
  writeArguments(index: number, delta: string): void;
  readonly calls: readonly FunctionCall[];
}

/** Ids that are surely unique are the model's own; endpoints that number their calls get ours. */
const UNIQUE_CALL = /^call_[A-Za-z0-9]{16,}$/;

/** `knownCalls` are the ids of the run's earlier calls. */
export function createTranscript(
  writing: Writing,
  { knownCalls }: { readonly knownCalls: ReadonlySet<string> },
): Transcript {
  const { sql, hub, claim, clock } = writing;
  const { runId } = claim;
  const message = createMessageWriter(writing);
  const calls: FunctionCall[] = [];
  let stepId: string | undefined;

  async function openStep(): Promise<string> {
    if (stepId !== undefined) return stepId;
    await message.complete();
    const step = await openToolCalls(sql, claim, clock());
    announceOpenedStep(hub, step);
    stepId = step.id;
    return stepId;
  }

  return {
    open: () => message.open(),
    async write(delta) {
      // A step of calls stays open until their outputs come, so no message can follow it; the calls matter more.
      if (delta !== "" && stepId === undefined) await message.write(delta);
    },
    settle: () => message.settle(),
    get text() {
      return message.text;
    },
    async openCall(given, name) {
      const step = await openStep();
      const taken = knownCalls.has(given) || calls.some((call) => call.id === given);
      const id = UNIQUE_CALL.test(given) && !taken ? given : newId("call");
      const begun = (): FunctionCall => ({
        id,
        type: "function",
        function: { name, arguments: "", output: null },
      });
      const index = calls.push(begun()) - 1;
      announceCall(hub, runId, step, { index, ...begun() });
    },
    writeArguments(index, delta) {
      const call = calls[index];
      if (call === undefined || stepId === undefined || delta === "") return;
      call.function.arguments += delta;
      announceCall(hub, runId, stepId, {
        index,
        type: "function",
        function: { arguments: delta },
      });
    },
    calls,
  };
}

function announceCall(
  hub: EventHub,
  runId: string,
  stepId: string,
  call: OpenAI.Beta.Threads.Runs.FunctionToolCallDelta,
): void {
  hub.publish(runId, {
    event: "thread.run.step.delta",
    data: {
      id: stepId,
      object: "thread.run.step.delta",
      delta: { step_details: { type: "tool_calls", tool_calls: [call] } },
    },
  });
}
