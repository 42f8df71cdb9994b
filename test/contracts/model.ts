import { describe, expect, test } from "vitest";

import type { Model, ModelEvent, ModelRequest } from "../../src/assistants/models/model.ts";

/** What the suite asks of every model; how its far end knows the answers is the subject's business. */
export interface ModelSubject extends AsyncDisposable {
  readonly model: Model;
}

const ticketLookup = {
  name: "ticket_lookup",
  description: "Looks up a ticket of the team's tracker.",
  parameters: {
    type: "object",
    properties: { id: { type: "string", description: "The ticket's id, such as OPS-1." } },
    required: ["id"],
  },
};

/**
 * The questions of the suite. A subject answers `lookup` by calling ticket_lookup for OPS-1, `lookups` by calling it
 * for OPS-1 and OPS-2 at once, `outputs` with the status that the outputs tell, `count` with the numbers up to 50.
 */
export const questions = {
  lookup: "What is the status of ticket OPS-1?",
  lookups: "What is the status of the tickets OPS-1 and OPS-2?",
  count: "Please count to 50",
  hello: "Hello there",
} as const;

function ask(question: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: "test-model",
    instructions: "You help.",
    items: [{ type: "message", role: "user", content: [{ type: "text", text: question }] }],
    functions: [],
    ...more,
  };
}

const never = new AbortController().signal;

export async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === "text" ? event.delta : "")).join("");
}

/** Calls with their arguments parsed, in the order of their indices. */
export function callsOf(
  events: readonly ModelEvent[],
): { id: string; name: string; arguments: unknown }[] {
  return events
    .filter((event) => event.type === "tool_call")
    .map(({ index, id, name }) => {
      const pieces = events.filter(
        (event) => event.type === "tool_arguments" && event.index === index,
      );
      const text = pieces
        .map((event) => (event.type === "tool_arguments" ? event.delta : ""))
        .join("");
      return { id, name, arguments: JSON.parse(text) };
    });
}

export function modelContract(name: string, createSubject: () => Promise<ModelSubject>): void {
  describe(`model contract: ${name}`, () => {
    test("text arrives in several deltas and ends once, last, with usage", async () => {
      await using subject = await createSubject();
      const events = await collect(subject.model.stream(ask(questions.count), never));
      expect(textOf(events)).toMatch(/^1 2 3 .* 49 50/);
      expect(events.filter(({ type }) => type === "text").length).toBeGreaterThan(3);
      expect(events.filter(({ type }) => type === "end")).toHaveLength(1);
      expect(events.at(-1)).toMatchObject({
        type: "end",
        reason: "stop",
        usage: { promptTokens: expect.any(Number), completionTokens: expect.any(Number) },
      });
    });

    test("a function is called with arguments that parse", async () => {
      await using subject = await createSubject();
      const request = ask(questions.lookup, { functions: [ticketLookup] });
      const events = await collect(subject.model.stream(request, never));
      expect(callsOf(events)).toEqual([
        { id: expect.stringMatching(/./), name: "ticket_lookup", arguments: { id: "OPS-1" } },
      ]);
      expect(events.at(-1)).toMatchObject({ type: "end", reason: "tool_calls" });
    });

    test("calls of one answer are numbered from 0, have their own ids, and are announced before their arguments", async () => {
      await using subject = await createSubject();
      const request = ask(questions.lookups, {
        functions: [ticketLookup],
        toolChoice: "auto",
        parallelToolCalls: true,
      });
      const events = await collect(subject.model.stream(request, never));
      const calls = callsOf(events);
      expect(calls.map((call) => call.arguments)).toEqual([{ id: "OPS-1" }, { id: "OPS-2" }]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      expect(events.flatMap((event) => (event.type === "tool_call" ? [event.index] : []))).toEqual([
        0, 1,
      ]);
      const order = events.flatMap((event) =>
        event.type === "tool_call" || event.type === "tool_arguments"
          ? [`${event.type} ${event.index}`]
          : [],
      );
      for (const index of [0, 1])
        expect(order.indexOf(`tool_call ${index}`)).toBeLessThan(
          order.indexOf(`tool_arguments ${index}`),
        );
    });

    test("the answer after a tool output is told from it", async () => {
      await using subject = await createSubject();
      const request = ask(questions.lookup, { functions: [ticketLookup] });
      const output = JSON.stringify({ id: "OPS-1", status: "in progress", assignee: "Lee" });
      const items: ModelRequest["items"] = [
        ...request.items,
        { type: "tool_call", id: "call_1", name: "ticket_lookup", arguments: '{"id":"OPS-1"}' },
        { type: "tool_output", id: "call_1", output },
      ];
      const events = await collect(subject.model.stream({ ...request, items }, never));
      expect(textOf(events)).toContain("in progress");
      expect(callsOf(events)).toEqual([]);
    });

    test("without functions, or with the choice none, nothing is called", async () => {
      await using subject = await createSubject();
      const none = ask(questions.lookup, { functions: [ticketLookup], toolChoice: "none" });
      for (const request of [none, ask(questions.lookup)]) {
        const events = await collect(subject.model.stream(request, never));
        expect(callsOf(events)).toEqual([]);
        expect(textOf(events)).not.toBe("");
      }
    });

    test("an answer that reaches its limit says so", async () => {
      await using subject = await createSubject();
      const events = await collect(
        subject.model.stream(ask(questions.count, { maxOutputTokens: 16 }), never),
      );
      expect(events.at(-1)).toMatchObject({ type: "end", reason: "max_tokens" });
    });

    test("an abort in the middle ends with the signal's reason", async () => {
      await using subject = await createSubject();
      const controller = new AbortController();
      const reason = new Error("stopped by a person");
      const seen: ModelEvent[] = [];
      const reading = (async () => {
        for await (const event of subject.model.stream(ask(questions.count), controller.signal)) {
          seen.push(event);
          controller.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(seen.map(({ type }) => type)).not.toContain("end");
    });

    test("a signal that is aborted already asks nothing", async () => {
      await using subject = await createSubject();
      const reason = new Error("too late");
      await expect(
        collect(subject.model.stream(ask(questions.hello), AbortSignal.abort(reason))),
      ).rejects.toBe(reason);
    });

    test("two answers at once do not mix", async () => {
      await using subject = await createSubject();
      const [count, lookup] = await Promise.all([
        collect(subject.model.stream(ask(questions.count), never)),
        collect(subject.model.stream(ask(questions.lookup, { functions: [ticketLookup] }), never)),
      ]);
      expect(textOf(count)).toContain("49 50");
      expect(callsOf(lookup)).toHaveLength(1);
      expect(textOf(lookup)).toBe("");
    });
  });
}
