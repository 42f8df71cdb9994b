import path from "node:path";

import { SettingsFault } from "./fault.ts";
import { parseSettings } from "./parse.ts";
import type { Settings } from "./settings.ts";
import { readTextFile, Unreadable } from "./text-file.ts";

/** What the files held: by absolute path, the text or why there is none. Equal contents mean equal settings. */
export type Contents = ReadonlyMap<string, string>;

/** One reading of the settings file and of the files that it names. */
export interface Loaded {
  /** Whether there is a settings file at all. */
  readonly present: boolean;
  readonly contents: Contents;
  readonly outcome: Settings | SettingsFault;
}

export interface LoadOptions {
  /** As the operator called it, from the working folder. */
  readonly file: string;
  /** What a missing file means: a sentence for the operator, or undefined where it means the defaults. */
  readonly missing: string | undefined;
  readonly signal: AbortSignal;
}

/** Rejects only when `signal` aborts: whatever else goes wrong is a SettingsFault. */
export async function loadSettings({ file, missing, signal }: LoadOptions): Promise<Loaded> {
  const contents = new Map<string, string>();
  const read = async (name: string): Promise<string> => {
    const result = await readResult(name, signal);
    contents.set(name, keyOf(result));
    if (result instanceof Unreadable) throw result;
    return result;
  };
  const at = path.resolve(file);
  const place = { file, dir: path.dirname(at), read };
  const text = await read(at).catch(unreadable);
  const present = typeof text === "string" || !text.missing;
  const fault = typeof text === "string" ? undefined : faultOf(text, missing);
  const outcome =
    fault === undefined
      ? await parseSettings(typeof text === "string" ? text : "", place).catch(settingsFault)
      : new SettingsFault(file, [{ message: fault }]);
  return { present, contents, outcome };
}

function faultOf(reason: Unreadable, missing: string | undefined): string | undefined {
  return reason.missing ? missing : `the file ${reason.message}; put a readable text file there.`;
}

function unreadable(error: unknown): Unreadable {
  if (error instanceof Unreadable) return error;
  throw error;
}

function settingsFault(error: unknown): SettingsFault {
  if (error instanceof SettingsFault) return error;
  throw error;
}

/** What the same files hold now. */
export async function readAgain(contents: Contents, signal: AbortSignal): Promise<Contents> {
  const now = new Map<string, string>();
  for (const name of contents.keys()) now.set(name, keyOf(await readResult(name, signal)));
  return now;
}

export function isSame(some: Contents, others: Contents): boolean {
  return some.size === others.size && [...some].every(([name, text]) => others.get(name) === text);
}

async function readResult(name: string, signal: AbortSignal): Promise<string | Unreadable> {
  try {
    return await readTextFile(name, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

function keyOf(result: string | Unreadable): string {
  return result instanceof Unreadable ? `unreadable: ${result.message}` : `text: ${result}`;
}
