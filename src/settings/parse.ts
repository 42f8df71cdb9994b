import { check, type Issue } from "./check.ts";
import { type Path, readDocument, type SettingsDocument } from "./document.ts";
import { type Problem, SettingsFault } from "./fault.ts";
import { resolveSettings } from "./resolve.ts";
import type { Settings } from "./settings.ts";
import { readTextFile } from "./text-file.ts";

export interface ParseOptions {
  /** How the operator calls the file; faults begin with it. */
  readonly file: string;
  /** The file's folder: relative paths in it count from here. */
  readonly dir: string;
  /** Reads an instructions file, or rejects with Unreadable. Where not given, from the disk. */
  readonly read?: (path: string) => Promise<string>;
}

/** Reads the text of patchbay.yml; an empty one means the defaults. Rejects with a SettingsFault that lists every fault. */
export async function parseSettings(
  text: string,
  { file, dir, read = readTextFile }: ParseOptions,
): Promise<Settings> {
  const document = readSafely(text, file);
  // What follows a syntax error is guesswork, and so would be faults found in it.
  if (document.broken) throw new SettingsFault(file, document.problems);
  const problems: Problem[] = [...document.problems];
  const report = ({ path, what, message }: Issue): void => {
    const place = document.locate(path, what);
    const shown = document.show(path, what);
    const subject = what === "key" ? keyName(path, shown) : `${label(path)} is ${shown};`;
    problems.push({ place, message: ended(`${subject} ${message}`) });
  };
  const { input, issues } = check(document.value);
  for (const issue of issues) report(issue);
  const named = namesIn(document.value);
  const settings = await resolveSettings(input, { dir, read, named, report });
  if (problems.length > 0) throw new SettingsFault(file, problems);
  return settings;
}

function readSafely(text: string, file: string): SettingsDocument {
  try {
    return readDocument(text);
  } catch (error) {
    // The YAML parser calls itself for every level.
    if (!(error instanceof RangeError)) throw error;
    throw new SettingsFault(file, [{ message: "it is nested too deeply to be read; flatten it." }]);
  }
}

function keyName(path: Path, shown: string): string {
  return path.length === 1
    ? `the key ${shown}`
    : `the key ${shown} under ${label(path.slice(0, -1))}`;
}

/** `channels."slack:#ops".answer`; the element of a list is named by its list, as the column tells which one. */
function label(path: Path): string {
  if (path.length === 0) return "the file";
  return path
    .filter((step) => typeof step !== "number")
    .map((step) => (/^[\w-]+$/.test(String(step)) ? String(step) : JSON.stringify(step)))
    .join(".");
}

function ended(message: string): string {
  return /[.?]$/.test(message) ? message : `${message}.`;
}

function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null || !("assistants" in value)) return [];
  const { assistants } = value;
  return typeof assistants === "object" && assistants !== null ? Object.keys(assistants) : [];
}
