import { APIError } from "openai";

import { collectCalls, type CallPiece } from "./calls.ts";
import { explainFailure } from "./failure.ts";
import { ModelFailed, type ModelEvent, type ModelUsage } from "./model.ts";
import type { Event, Final, Item } from "./responses-events.ts";

export interface Answer {
  readonly started: boolean;
  add(type: string, event: Event): ModelEvent[];
  end(type: string, final: Final): ModelEvent[];
}

/**
 * Passes deltas on, and makes up from the final events for what no delta told: some servers
 * send whole texts and calls only in `…done` or in the completed response.
 */
export function createAnswer(): Answer {
  const calls = collectCalls();
  const keyOf = createKeys();
  const text = createText();

  /** `given` is all of the arguments, of which deltas may have told a part. */
  function complete(piece: CallPiece, given: string): ModelEvent[] {
    const before = calls.textOf(piece) ?? "";
    return calls.add({
      ...piece,
      arguments: given.startsWith(before) ? given.slice(before.length) : "",
    });
  }

  return {
    get started() {
      return text.said !== "" || calls.count > 0;
    },
    add(type, told) {
      const { item } = told;
      const delta = typeof told.delta === "string" ? told.delta : "";
      switch (type) {
        case "response.output_text.delta":
        case "response.refusal.delta":
          return text.say(delta);
        case "response.output_text.done":
        case "response.refusal.done":
          text.note("part", told.text ?? told.refusal ?? "");
          return [];
        case "response.output_item.added":
          return item?.type === "function_call"
            ? calls.add({ key: keyOf(told), ...namesOf(item) })
            : [];
        case "response.function_call_arguments.delta":
          return calls.add({ key: keyOf(told), arguments: delta });
        case "response.output_item.done":
          if (item?.type === "message") text.note("item", textOf([item]));
          if (item?.type !== "function_call") return [];
          return complete({ key: keyOf(told), ...namesOf(item) }, item.arguments ?? "");
        default:
          return [];
      }
    },
    end(type, final) {
      refuseFailed(type, final);
      const output = final.output ?? [];
      const late = text.rest(output);
      // Calls that events told of are in the output again; only those beyond their number are new.
      for (const call of output.filter((one) => one.type === "function_call").slice(calls.count))
        late.push(
          ...calls.add({
            key: `late ${calls.count}`,
            ...namesOf(call),
            arguments: call.arguments ?? "",
          }),
        );
      const reason = endReason(type, final, calls.count > 0);
      return [...late, ...calls.end(), { type: "end", reason, usage: usageOf(final) }];
    },
  };
}

interface Text {
  readonly said: string;
  say(delta: string): ModelEvent[];
  /** Keeps a finished text in case neither deltas nor the completed response hold it; an item holds its parts again. */
  note(of: "item" | "part", whole: string): void;
  /** What is in the finished answer and has not been said. */
  rest(output: readonly Item[]): ModelEvent[];
}

function createText(): Text {
  let said = "";
  const noted = { item: "", part: "" };
  function say(delta: string): ModelEvent[] {
    said += delta;
    return delta === "" ? [] : [{ type: "text", delta }];
  }
  return {
    get said() {
      return said;
    },
    say,
    note(of, whole) {
      noted[of] += whole;
    },
    rest(output) {
      const whole = textOf(output) || noted.item || noted.part;
      return whole.startsWith(said) ? say(whole.slice(said.length)) : [];
    },
  };
}

function usageOf({ usage }: Final): ModelUsage | undefined {
  return usage
    ? { promptTokens: usage.input_tokens, completionTokens: usage.output_tokens }
    : undefined;
}

/** Events name their item by position, by id, by both in turns or, from some servers, not at all. */
function createKeys(): (told: Event) => string | undefined {
  const positions = new Map<string, string>();
  return ({ output_index: position, item_id: itemId, item: told }) => {
    const id = itemId ?? told?.id ?? undefined;
    if (typeof position !== "number")
      return id === undefined ? undefined : (positions.get(id) ?? id);
    if (id !== undefined) positions.set(id, String(position));
    return String(position);
  };
}

function namesOf(call: Item): Pick<CallPiece, "id" | "name"> {
  return { id: call.call_id || undefined, name: call.name || undefined };
}

function textOf(output: readonly Item[]): string {
  return output
    .filter((one) => one.type === "message")
    .flatMap((one) => one.content ?? [])
    .map((part) => part.text ?? part.refusal ?? "")
    .join("");
}

function refuseFailed(type: string, { status, error }: Final): void {
  if (type === "response.failed" || status === "failed" || error)
    throw explainFailure(
      new APIError(undefined, { ...error }, error?.message ?? undefined, undefined),
    );
  if (type === "response.cancelled" || status === "cancelled")
    throw unfinished("The model endpoint cancelled its answer.");
}

function endReason(
  type: string,
  final: Final,
  called: boolean,
): Extract<ModelEvent, { type: "end" }>["reason"] {
  if (type === "response.incomplete" || final.status === "incomplete")
    return final.incomplete_details?.reason === "content_filter" ? "content_filter" : "max_tokens";
  return called ? "tool_calls" : "stop";
}

export function unfinished(message: string): ModelFailed {
  return new ModelFailed(message, { code: "server_error", passing: true });
}
