import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { z } from "zod";

import type { Log } from "../log.ts";
import type { Risk, ToolContext, ToolParameters } from "./define.ts";
import { readParameters, type Parameters } from "./parameters.ts";
import { describeProblem, NotATool, type ToolProblem } from "./problem.ts";
import { resolveForTools } from "./resolve.ts";

/** A tool file that can be called. */
export interface LoadedTool {
  readonly name: string;
  /** Relative to the tools folder. */
  readonly file: string;
  readonly description: string;
  readonly parameters: Parameters;
  readonly risk: Risk;
  readonly timeout: number;
  readonly maxOutput: number;
  readonly secrets: readonly string[];
  readonly settings: readonly string[];
  run(args: unknown, context: ToolContext): unknown;
}

export interface LoadOptions {
  /** The tools folder. */
  readonly dir: string;
  readonly log: Log;
  /** Milliseconds that the import of one file may take; 5,000 where not given. */
  readonly importTimeout?: number;
}

export interface LoadedTools {
  readonly tools: readonly LoadedTool[];
  readonly problems: readonly ToolProblem[];
}

/**
 * Loads every tool file of a folder: *.ts, *.js and *.mjs, and index.ts or index.js of a subfolder. Tests, type
 * declarations and names that begin with `_` or `.` are passed over. A file that is broken becomes a problem; the rest load.
 */
export async function loadTools({
  dir,
  log,
  importTimeout = 5_000,
}: LoadOptions): Promise<LoadedTools> {
  resolveForTools();
  // Modules are named by their real path, so that a line in a stack can be matched to its file.
  const root = await realpath(dir).catch(() => undefined);
  if (root === undefined) return { tools: [], problems: [missingFolder(dir)] };
  const files = await findFiles(root);
  const loaded = await Promise.all(files.map((file) => loadFile(root, file, importTimeout)));

  const tools = new Map<string, LoadedTool>();
  const problems: ToolProblem[] = [];
  for (const result of loaded) {
    if ("reason" in result) problems.push(result);
    else {
      const first = tools.get(result.name);
      if (first === undefined) tools.set(result.name, result);
      else
        problems.push({
          file: result.file,
          reason: `The function name "${result.name}" is taken by ${first.file}.`,
          remedy: "Rename one of the two files.",
        });
    }
  }
  for (const problem of problems) log.warn(problem, "a tool file was not loaded");
  return { tools: [...tools.values()], problems };
}

function missingFolder(dir: string): ToolProblem {
  return {
    file: dir,
    reason: "The tools folder does not exist.",
    remedy: "Create it, or set TOOLS_DIR to the folder that holds the tool files.",
  };
}

async function findFiles(dir: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await readdir(dir)).toSorted((a, b) => a.localeCompare(b, "en"))) {
    if (/^[._]/.test(name) || name === "node_modules") continue;
    const file = path.join(dir, name);
    const kind = await stat(file).catch(() => undefined);
    if (kind?.isDirectory()) {
      const index = (await readdir(file)).find(
        (inner) => inner === "index.ts" || inner === "index.js",
      );
      if (index !== undefined) found.push(path.join(file, index));
    } else if (kind?.isFile() && /\.(ts|js|mjs)$/.test(name) && !/\.(test|d)\.\w+$/.test(name))
      found.push(file);
  }
  return found;
}

async function loadFile(
  dir: string,
  file: string,
  importTimeout: number,
): Promise<LoadedTool | ToolProblem> {
  try {
    const name = nameOf(dir, file);
    return {
      name,
      file: path.relative(dir, file),
      ...readTool(await importFile(file, importTimeout)),
    };
  } catch (error) {
    return await describeProblem(dir, file, error);
  }
}

function nameOf(dir: string, file: string): string {
  const inFolder = path.dirname(file) !== dir;
  const base = inFolder ? path.basename(path.dirname(file)) : path.parse(file).name;
  const name = base.replaceAll("-", "_");
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return name;
  throw new NotATool(
    `"${base}" cannot be the name of a function.`,
    "Rename it: letters without accents, digits, - and _, 64 at most.",
  );
}

/** A module that awaits something that never comes would otherwise hold up all tools. */
async function importFile(file: string, timeout: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new NotATool(
          `It did not finish loading within ${timeout / 1000} s.`,
          "Move what it waits for, such as a connection, into `run`.",
        ),
      );
    }, timeout);
  });
  try {
    return await Promise.race([import(pathToFileURL(file).href), late]);
  } finally {
    clearTimeout(timer);
  }
}

const variables = z.array(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be names of environment variables"),
);
const shape = z.object({
  description: z.string().trim().min(1),
  parameters: z.custom<ToolParameters>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "must be a schema",
  ),
  risk: z.enum(["read", "write", "dangerous"]).default("read"),
  timeout: z
    .number()
    .positive()
    .max(2 ** 31 - 1)
    .default(30_000),
  maxOutput: z.int().positive().default(32_000),
  secrets: variables.default([]),
  settings: variables.default([]),
  run: z.custom<LoadedTool["run"]>((value) => typeof value === "function", "must be a function"),
});

function readTool(module: unknown): Omit<LoadedTool, "name" | "file"> {
  const exported =
    typeof module === "object" && module !== null && "default" in module
      ? module.default
      : undefined;
  if (exported === undefined)
    throw new NotATool(
      "It has no default export.",
      "End it with `export default defineTool({ … })`; a file that is no tool belongs into a subfolder such as lib/, or its name begins with _.",
    );
  const parsed = shape.safeParse(exported);
  if (!parsed.success) {
    const told = parsed.error.issues.map(({ path: at, message }) =>
      at.length > 0 ? `\`${at.join(".")}\`: ${message}` : message,
    );
    throw new NotATool(
      `Its default export is no tool: ${told.join("; ")}.`,
      "Give defineTool({ … }) a `description`, `parameters` and `run`; tools/README.md shows a whole tool.",
    );
  }
  const { parameters, run, ...tool } = parsed.data;
  return { ...tool, parameters: readParameters(parameters), run };
}
