import { randomUUID } from "node:crypto";

import { ModelFailed, type ModelEvent } from "./model.ts";

/** A piece of a tool call as an endpoint tells it; any of it may be missing. */
export interface CallPiece {
  /** What the endpoint counts or names its calls by within one answer. */
  readonly key?: string | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly arguments?: string | undefined;
}

interface Call {
  readonly key: string | undefined;
  id: string | undefined;
  name: string | undefined;
  text: string;
  /** Our own count; undefined until the call's name is known and it has been announced. */
  index: number | undefined;
}

export interface Calls {
  /** How many calls have been announced. */
  readonly count: number;
  add(piece: CallPiece): ModelEvent[];
  /** Arguments so far of the call that this piece belongs to. */
  textOf(piece: CallPiece): string | undefined;
  /** Closes the calls: one without arguments gets `{}`. Throws ModelFailed for one that never got a name. */
  end(): ModelEvent[];
}

/**
 * Puts the calls of one answer in order: indices from 0 without gaps and ids that are there and unique,
 * also where an endpoint repeats its indices (every call is 0), starts at 1, or sends neither index nor id.
 */
export function collectCalls(): Calls {
  const calls: Call[] = [];
  const ids = new Set<string>();
  let count = 0;

  function announce(call: Call, name: string): ModelEvent[] {
    call.name = name;
    call.index = count;
    count += 1;
    const id =
      call.id === undefined || ids.has(call.id)
        ? `call_${randomUUID().replaceAll("-", "")}`
        : call.id;
    ids.add(id);
    return [{ type: "tool_call", index: call.index, id, name }, ...told(call.index, call.text)];
  }

  return {
    get count() {
      return count;
    },
    textOf: (piece) => find(calls, piece)?.text,
    add(piece) {
      const known = find(calls, piece);
      const call = known ?? {
        key: piece.key,
        id: undefined,
        name: undefined,
        text: "",
        index: undefined,
      };
      if (known === undefined) calls.push(call);
      call.id ??= piece.id;
      const delta = piece.arguments ?? "";
      call.text += delta;
      if (call.index !== undefined) return told(call.index, delta);
      return piece.name === undefined ? [] : announce(call, piece.name);
    },
    end: () =>
      calls.flatMap((call) => {
        if (call.index === undefined)
          throw new ModelFailed("The model endpoint asked for a function without naming it.", {
            code: "server_error",
            passing: true,
          });
        return call.text.trim() === "" ? told(call.index, "{}") : [];
      }),
  };
}

function told(index: number, delta: string): ModelEvent[] {
  return delta === "" ? [] : [{ type: "tool_arguments", index, delta }];
}

function find(calls: readonly Call[], piece: CallPiece): Call | undefined {
  const byKey =
    piece.key === undefined ? undefined : calls.findLast((call) => call.key === piece.key);
  const byId = piece.id === undefined ? undefined : calls.findLast((call) => call.id === piece.id);
  // A call begins with its name, or at least its id, so a piece with neither goes on with a call.
  if (piece.name === undefined)
    return (
      byKey ??
      byId ??
      (piece.key === undefined || piece.id === undefined ? calls.at(-1) : undefined)
    );
  const candidate = byKey ?? (piece.key === undefined ? (byId ?? calls.at(-1)) : undefined);
  return candidate === undefined || beginsAnother(candidate, piece) ? undefined : candidate;
}

/** Whether a piece that has a name, and looks like it belongs to a call, is the next call in its place. */
function beginsAnother(call: Call, piece: CallPiece): boolean {
  if (call.id !== undefined && piece.id !== undefined && call.id !== piece.id) return true;
  if (call.name === undefined) return false;
  if (call.name !== piece.name) return true;
  return (piece.arguments ?? "").trim() !== "" && isWholeJson(call.text);
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
