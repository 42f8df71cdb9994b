import path from "node:path";

import { vi } from "vitest";

import { createToolbox, type ToolOutcome } from "../../src/toolbox/index.ts";
import { loadTools, silent } from "../toolbox/tool-folder.ts";

export const TOOLS = path.join(import.meta.dirname, "../../tools");
export const loaded = await loadTools({ dir: TOOLS, log: silent });

export const caller = {
  person: { id: "U1", name: "Ana" },
  platform: "slack",
  conversation: "slack/T1/C1/1",
};

export type Ask = (args: Readonly<Record<string, string>>) => Promise<string>;

/** Asks one of the bundled tools, in this environment; the answer is what the model gets to see. */
export function bundled(
  name: "ticket_lookup" | "deploy_status",
  env: Readonly<Record<string, string>>,
  signal = new AbortController().signal,
): Ask {
  const toolbox = createToolbox({ ...loaded, env, log: silent });
  return async (args) => {
    const { output }: ToolOutcome = await toolbox.call(
      { id: "call_1", name, arguments: JSON.stringify(args) },
      caller,
      signal,
    );
    return output;
  };
}

/** Lets the time that a system has for its answer run out when it is told to, and not by the clock. */
export function holdPatience(): { readonly runOut: () => void; readonly given: () => number } {
  const clock = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(clock.signal);
  return {
    runOut: () => clock.abort(new DOMException("The operation timed out.", "TimeoutError")),
    given: () => timeout.mock.calls[0]?.[0] ?? 0,
  };
}
