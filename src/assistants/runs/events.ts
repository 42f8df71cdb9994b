import type OpenAI from "openai";

import type { ErrorBody } from "../errors.ts";
import { type MessageRow, showMessage } from "../objects/message.ts";
import { type RunRow, isActive, showRun } from "../objects/run.ts";
import { showStep, type StepRow } from "../objects/step.ts";
import type { Changed } from "./lifecycle.ts";

export type RunEvent = OpenAI.Beta.AssistantStreamEvent;

/** One reader's share of a run's events. Events wait here until they are read; none is dropped. */
export interface Subscription extends Disposable {
  /** What has come since the last call, at least one event; an empty array is the end. */
  next(): Promise<readonly RunEvent[]>;
}

/**
 * The events of the runs that this process executes, on their way to whoever streams them. Publishing never
 * waits for a reader. A subscription ends with the event that ends the run, or stops it for tool outputs.
 */
export interface EventHub {
  subscribe(runId: string): Subscription;
  publish(runId: string, event: RunEvent): void;
  /** Ends the streams of a run that goes on elsewhere or is gone. */
  fail(runId: string, error: ErrorBody): void;
}

interface Reader {
  events: RunEvent[];
  ended: boolean;
  wake: (() => void) | undefined;
}

export function createEventHub(): EventHub {
  const readers = new Map<string, Set<Reader>>();

  function publish(runId: string, event: RunEvent): void {
    const last = endsStream(event);
    for (const reader of readers.get(runId) ?? []) {
      reader.events.push(event);
      reader.ended ||= last;
      reader.wake?.();
    }
    if (last) readers.delete(runId);
  }

  return {
    publish,
    fail: (runId, { message, type, param, code }) => {
      publish(runId, { event: "error", data: { message, type, param, code } });
    },
    subscribe(runId) {
      const reader: Reader = { events: [], ended: false, wake: undefined };
      const others = readers.get(runId) ?? new Set();
      readers.set(runId, others.add(reader));
      return {
        async next() {
          if (reader.events.length === 0 && !reader.ended) {
            await new Promise<void>((resolve) => {
              reader.wake = resolve;
            });
          }
          return reader.events.splice(0);
        },
        [Symbol.dispose]() {
          reader.ended = true;
          reader.wake?.();
          others.delete(reader);
          if (others.size === 0 && readers.get(runId) === others) readers.delete(runId);
        },
      };
    },
  };
}

function endsStream(event: RunEvent): boolean {
  switch (event.event) {
    case "thread.run.requires_action":
    case "thread.run.completed":
    case "thread.run.incomplete":
    case "thread.run.failed":
    case "thread.run.cancelled":
    case "thread.run.expired":
    case "error":
      return true;
    default:
      return false;
  }
}

export function announceRun(hub: EventHub, run: RunRow): void {
  hub.publish(run.id, { event: `thread.run.${run.status}`, data: showRun(run) });
}

export function announceStep(hub: EventHub, step: StepRow): void {
  hub.publish(step.run_id, { event: `thread.run.step.${step.status}`, data: showStep(step) });
}

export function announceOpenedStep(hub: EventHub, step: StepRow): void {
  hub.publish(step.run_id, { event: "thread.run.step.created", data: showStep(step) });
  announceStep(hub, step);
}

export function announceMessage(hub: EventHub, runId: string, message: MessageRow): void {
  hub.publish(runId, { event: `thread.message.${message.status}`, data: showMessage(message) });
}

/** A message is announced as ended before its step, and the step before its run. */
export function announceChanged(hub: EventHub, runId: string, changed: Changed): void {
  if (changed.message !== null) announceMessage(hub, runId, changed.message);
  if (changed.step !== null) announceStep(hub, changed.step);
}

export function announceEnd(hub: EventHub, ended: Changed & { readonly run: RunRow }): void {
  announceChanged(hub, ended.run.id, ended);
  if (!isActive(ended.run.status)) announceRun(hub, ended.run);
}
