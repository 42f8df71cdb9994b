import { messageOf } from "../errors.ts";
import { redact } from "../log.ts";
import type { ToolContext, ToolLog } from "./define.ts";
import type { LoadedTool } from "./loader.ts";
import { cut, NotJson, reasonOf, toText } from "./output.ts";
import { readVariables } from "./variables.ts";

export interface Call {
  readonly tool: LoadedTool;
  /** JSON, as the model wrote it. */
  readonly arguments: string;
  readonly callId: string;
  readonly caller: ToolContext["caller"];
  /** The environment that secrets and settings are taken from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: ToolLog;
  readonly signal: AbortSignal;
}

/** A call that failed in a way the model, or the person it answers, can do something about. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
}

/** Runs one tool within its time and returns its output as text. Throws CallFailed, and nothing else. */
export async function callTool(call: Call): Promise<string> {
  const { tool, log } = call;
  const { secrets, settings, hidden } = await readVariables(tool, call.env).catch(
    (error: unknown) => {
      throw new CallFailed(`${messageOf(error)}. An admin has to correct it.`, { cause: error });
    },
  );
  const missing = tool.secrets.filter((name) => secrets[name] === undefined);
  if (missing.length > 0)
    throw new CallFailed(
      `this tool needs the environment variable ${missing.join(" and ")}, which is not set. An admin has to set it; calling again does not help.`,
    );
  const checked = await checkArguments(call);
  const context = {
    callId: call.callId,
    log,
    caller: call.caller,
    secrets,
    settings,
  };
  try {
    const value = await inTime(call, (signal) => tool.run(checked, { ...context, signal }));
    return cut(redact(toText(value), hidden), tool.maxOutput);
  } catch (error) {
    if (error instanceof CallFailed) throw error;
    const told = error instanceof Error ? (error.stack ?? error.message) : reasonOf(error);
    log.warn("the tool failed", { error: redact(told, hidden) });
    if (error instanceof NotJson)
      throw new CallFailed(
        `the tool ran, but its result is not a JSON value (${error.message}). Its author has to return a string or a JSON value.`,
        { cause: error },
      );
    throw new CallFailed(redact(reasonOf(error), hidden), { cause: error });
  }
}

async function checkArguments({ tool, arguments: text }: Call): Promise<unknown> {
  let args: unknown;
  try {
    args = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new CallFailed(
      `the arguments are not valid JSON (${messageOf(error)}). Call the tool again with one JSON object.`,
      { cause: error },
    );
  }
  const result = await tool.parameters
    .check(args)
    .catch((error: unknown) => ({ problem: reasonOf(error) }));
  if ("args" in result) return result.args;
  throw new CallFailed(
    `the arguments do not fit: ${result.problem}. Correct them and call the tool again.`,
  );
}

/** Ends with the work, with its time, or with the signal; work that ignores its signal is left behind. */
async function inTime(
  { tool, signal }: Call,
  work: (signal: AbortSignal) => unknown,
): Promise<unknown> {
  const doubt =
    tool.risk === "read" ? "" : " Whether it took effect is not known: check before you try again.";
  if (signal.aborted) throw new CallFailed("the call was cancelled before it began.");
  const left = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    left.signal.addEventListener("abort", () => reject(left.signal.reason), { once: true });
  });
  const cancel = (): void => left.abort(new CallFailed(`the call was cancelled.${doubt}`));
  signal.addEventListener("abort", cancel, { once: true });
  const timer = setTimeout(() => {
    left.abort(
      new CallFailed(
        `the tool did not answer within ${tool.timeout / 1000} s and was stopped.${doubt}`,
      ),
    );
  }, tool.timeout);
  try {
    return await Promise.race([stopped, (async () => await work(left.signal))()]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  }
}
