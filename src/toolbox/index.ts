import { performance } from "node:perf_hooks";

import type { OpenAI } from "openai";

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { callTool, CallFailed } from "./call.ts";
import type { Risk, ToolCaller, ToolLog } from "./define.ts";
import type { LoadedTool } from "./loader.ts";
import type { ToolProblem } from "./problem.ts";

export type { LoadedTool, LoadedTools } from "./loader.ts";
export { loadTools } from "./loader.ts";
export type { ToolProblem } from "./problem.ts";

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, as the model wrote it. */
  readonly arguments: string;
}

export interface ToolOutcome {
  /** For the model to read; begins with "Error: " when the call failed, and then says what to do. */
  readonly output: string;
  readonly ok: boolean;
  /** Milliseconds. */
  readonly durationMs: number;
}

export interface Toolbox {
  readonly functions: OpenAI.Beta.FunctionTool[];
  /** Files that are not offered, and why. */
  readonly problems: readonly ToolProblem[];
  /** Undefined for a name that no tool has. */
  risk(name: string): Risk | undefined;
  /** Never rejects: whatever goes wrong becomes the output. */
  call(call: ToolCall, caller: ToolCaller, signal: AbortSignal): Promise<ToolOutcome>;
}

export interface ToolboxOptions {
  readonly tools: readonly LoadedTool[];
  readonly problems?: readonly ToolProblem[];
  /** Where the secrets and settings that tools ask for are taken from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

export function createToolbox({ tools, problems = [], env, log }: ToolboxOptions): Toolbox {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const names = [...byName.keys()].join(", ");

  return {
    functions: tools.map(({ name, description, parameters }) => ({
      type: "function",
      function: { name, description, parameters: { ...parameters.schema } },
    })),
    problems,
    risk: (name) => byName.get(name)?.risk,
    async call({ id, name, arguments: text }, caller, signal) {
      const started = performance.now();
      const toolLog = createToolLog(log, name, id);
      let output: string;
      let ok = true;
      try {
        const tool = byName.get(name);
        if (tool === undefined)
          throw new CallFailed(
            `there is no tool named "${name}". ${names === "" ? "No tools are offered." : `The tools are: ${names}.`}`,
          );
        output = await callTool({
          tool,
          arguments: text,
          callId: id,
          caller,
          env,
          log: toolLog,
          signal,
        });
      } catch (error) {
        ok = false;
        output = `Error: ${error instanceof CallFailed ? error.message : "the tool could not be called."}`;
        if (!(error instanceof CallFailed)) toolLog.error(messageOf(error));
      }
      const durationMs = Math.round(performance.now() - started);
      if (!ok) toolLog.warn("tool call failed", { durationMs });
      return { output, ok, durationMs };
    },
  };
}

/** Lines that a tool writes carry its name and the call, so that an admin can follow one call. */
function createToolLog(log: Log, tool: string, callId: string): ToolLog {
  const child = log.child({ tool, callId });
  return {
    info: (message, details = {}) => child.info(details, message),
    warn: (message, details = {}) => child.warn(details, message),
    error: (message, details = {}) => child.error(details, message),
  };
}
