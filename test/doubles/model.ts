import type { Model, ModelEvent, ModelRequest } from "../../src/assistants/models/model.ts";

/** One answer of a scripted model. `count` is the number of earlier requests. */
export type Script = (
  request: ModelRequest,
  count: number,
  signal: AbortSignal,
) => AsyncIterable<ModelEvent> | Iterable<ModelEvent>;

export interface ScriptedModel extends Model {
  /** All requests so far. */
  readonly requests: readonly ModelRequest[];
  /** Settles with the next request. */
  asked(): Promise<ModelRequest>;
}

export function createScriptedModel(script: Script): ScriptedModel {
  const requests: ModelRequest[] = [];
  let waiting: ((request: ModelRequest) => void)[] = [];
  return {
    requests,
    asked: () => new Promise((resolve) => waiting.push(resolve)),
    async *stream(request, signal) {
      const count = requests.push(request) - 1;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake(request);
      yield* script(request, count, signal);
    },
  };
}

/** A point at which a script waits until the test lets it pass. */
export interface Gate {
  /** Settles when a script has come here. */
  readonly reached: Promise<void>;
  open(): void;
  pass(): Promise<void>;
}

export function createGate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    pass() {
      reached.resolve();
      return opened.promise;
    },
  };
}

const USAGE = { promptTokens: 20, completionTokens: 11 };

export function text(...deltas: string[]): ModelEvent[] {
  return deltas.map((delta) => ({ type: "text", delta }));
}

export function end(reason: Extract<ModelEvent, { type: "end" }>["reason"] = "stop"): ModelEvent {
  return { type: "end", reason, usage: USAGE };
}

/** The events of one function call, its arguments in two pieces. */
export function call(index: number, name: string, given: Record<string, unknown>): ModelEvent[] {
  const json = JSON.stringify(given);
  return [
    { type: "tool_call", index, id: `call_${index}`, name },
    { type: "tool_arguments", index, delta: json.slice(0, 2) },
    { type: "tool_arguments", index, delta: json.slice(2) },
  ];
}

/** Answers with the same words every time. */
export function saying(...deltas: string[]): Script {
  return () => [...text(...deltas), end()];
}

/** Says something, then waits until it is aborted. */
export function hanging(...deltas: string[]): Script {
  return async function* (_, __, signal) {
    yield* text(...deltas);
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  };
}
