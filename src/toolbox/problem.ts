import { execFile } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { messageOf } from "../errors.ts";
import { UnusableParameters } from "./parameters.ts";

/** Why a file in the tools folder is not offered, written for the admin who put it there. */
export interface ToolProblem {
  /** Relative to the tools folder. */
  readonly file: string;
  readonly line?: number;
  readonly reason: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** A file that was loaded and is no tool. */
export class NotATool extends Error {
  override readonly name = "NotATool";
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Turns what went wrong while `file` was loaded into words. `file` is absolute. */
export async function describeProblem(
  dir: string,
  file: string,
  error: unknown,
): Promise<ToolProblem> {
  const line =
    lineIn(file, error) ?? (error instanceof SyntaxError ? await lineFromCheck(file) : undefined);
  return { file: path.relative(dir, file), ...(line !== undefined && { line }), ...explain(error) };
}

function explain(error: unknown): Pick<ToolProblem, "reason" | "remedy"> {
  if (error instanceof NotATool) return { reason: error.message, remedy: error.remedy };
  if (error instanceof UnusableParameters)
    return { reason: error.message, remedy: "Change `parameters` and save the file." };
  const message = messageOf(error).split("\n")[0] ?? "";
  switch (codeOf(error)) {
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
      return {
        reason: message,
        remedy:
          "Node only removes types here: write enums as objects, and namespaces and parameter properties in full.",
      };
    case "ERR_INVALID_TYPESCRIPT_SYNTAX":
      return {
        reason: `Syntax error: ${message}`,
        remedy: "Correct the syntax and save the file.",
      };
    case "ERR_MODULE_NOT_FOUND":
    case "MODULE_NOT_FOUND":
      return explainMissing(message);
    default:
  }
  if (error instanceof SyntaxError)
    return {
      reason: `Syntax error: ${message}`,
      remedy: "Correct the syntax or the import and save the file.",
    };
  return {
    reason: `It failed while it was loaded: ${message}`,
    remedy:
      "Correct that line, or move the work into `run`, where a failure only becomes the call's output.",
  };
}

function explainMissing(message: string): Pick<ToolProblem, "reason" | "remedy"> {
  const name = /Cannot find package '([^']+)'/.exec(message)?.[1];
  if (name !== undefined)
    return {
      reason: `It imports the package "${name}", which is not installed.`,
      remedy: `Run \`npm install ${name}\` in the tools folder or above it.`,
    };
  const missing = /Cannot find module '([^']+)'/.exec(message)?.[1];
  return {
    reason:
      missing === undefined
        ? message
        : `It imports "${path.basename(missing)}", which does not exist.`,
    remedy: "Check the path of the import; the file ending, such as .ts, belongs to it.",
  };
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** Node tells the place in the stack only: as the path and line on top of it, or in the frames. */
function lineIn(file: string, error: unknown): number | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  for (const place of [pathToFileURL(file).href, file]) {
    const at = error.stack.indexOf(`${place}:`);
    const line = at === -1 ? undefined : /^\d+/.exec(error.stack.slice(at + place.length + 1))?.[0];
    if (line !== undefined) return Number(line);
  }
  return undefined;
}

/** A syntax error in a JavaScript file has no place in it at all; `node --check` prints one. */
async function lineFromCheck(file: string): Promise<number | undefined> {
  try {
    await promisify(execFile)(process.execPath, ["--check", file], { timeout: 5_000 });
    return undefined;
  } catch (error) {
    const printed =
      typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr) : "";
    const line = /:(\d+)\r?\n/.exec(printed)?.[1];
    return line === undefined ? undefined : Number(line);
  }
}
