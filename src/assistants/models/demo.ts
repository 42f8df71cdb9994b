import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

import { chooseCalls } from "./demo-calls.ts";
import { answerQuestion, sayOutputs } from "./demo-words.ts";
import type { Model, ModelContent, ModelEvent, ModelItem, ModelRequest } from "./model.ts";

export interface DemoOptions {
  /** Milliseconds between two words; 15 where not given. */
  readonly delay?: number | undefined;
}

/**
 * A stand-in that needs no key: it answers from the words it was given, calls a tool whose description the
 * question fits, and always says that it is a demo. The same request gets the same text; nothing leaves the process.
 */
export function createDemoModel({ delay = 15 }: DemoOptions = {}): Model {
  return {
    async *stream(request, signal) {
      signal.throwIfAborted();
      const calls = chooseCalls(request, questionOf(request.items));
      const promptTokens = tokens(
        JSON.stringify([request.instructions, request.items, request.functions]),
      );
      if (calls.length === 0) {
        yield* speak(request, promptTokens, delay, signal);
        return;
      }
      for (const [index, call] of calls.entries()) {
        const id = `call_${randomUUID().replaceAll("-", "")}`;
        yield { type: "tool_call", index, id, name: call.name };
        await pause(delay, signal);
        yield { type: "tool_arguments", index, delta: call.arguments };
      }
      const completionTokens = tokens(JSON.stringify(calls));
      yield { type: "end", reason: "tool_calls", usage: { promptTokens, completionTokens } };
    },
  };
}

async function* speak(
  request: ModelRequest,
  promptTokens: number,
  delay: number,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const limit = request.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  let completionTokens = 0;
  for (const delta of inFormat(request, answer(request)).match(/\s*\S+/g) ?? []) {
    if (completionTokens + tokens(delta) > limit) {
      yield { type: "end", reason: "max_tokens", usage: { promptTokens, completionTokens } };
      return;
    }
    if (completionTokens > 0) await pause(delay, signal);
    completionTokens += tokens(delta);
    yield { type: "text", delta };
    signal.throwIfAborted();
  }
  yield { type: "end", reason: "stop", usage: { promptTokens, completionTokens } };
}

function answer({ items, functions }: ModelRequest): string {
  const outputs = items.slice(items.findLastIndex((item) => item.type !== "tool_output") + 1);
  if (outputs.length > 0)
    return sayOutputs(
      outputs.flatMap((item) => (item.type === "tool_output" ? [item.output] : [])),
    );
  const earlier = items
    .slice(0, questionStart(items))
    .flatMap((item) => (item.type === "message" ? [textOf(item.content)] : []));
  return answerQuestion({
    question: questionOf(items),
    earlier,
    tools: functions.map(({ name }) => name),
  });
}

function inFormat({ format }: ModelRequest, text: string): string {
  return format === undefined || format.type === "text" ? text : JSON.stringify({ answer: text });
}

/** All that people wrote since the assistant last did anything: a burst of messages is one question. */
function questionOf(items: readonly ModelItem[]): string {
  return items
    .slice(questionStart(items))
    .flatMap((item) => (item.type === "message" ? [textOf(item.content)] : []))
    .join("\n");
}

/** Past the last item that is not a person's message; the length of `items` right after a tool output. */
function questionStart(items: readonly ModelItem[]): number {
  return items.findLastIndex((item) => item.type !== "message" || item.role !== "user") + 1;
}

function textOf(content: readonly ModelContent[]): string {
  return content.map((part) => (part.type === "text" ? part.text : "[image]")).join("\n");
}

/** About four characters make a token, as in English text. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

async function pause(delay: number, signal: AbortSignal): Promise<void> {
  if (delay > 0) await wait(delay, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}
