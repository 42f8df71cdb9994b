import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { messageOf } from "../errors.ts";
import { databaseDir, findHolder, lockDataDir } from "../store/data-dir.ts";
import { type Finding, findingsIn } from "./finding.ts";

const { ok, warn, fault } = findingsIn("store");

/** Looks at the embedded database and its folder. Makes nothing; a database that is there and free is opened once. */
export async function checkEmbedded(dataDir: string, signal: AbortSignal): Promise<Finding[]> {
  const unwritable = await findWriteFault(dataDir);
  if (unwritable !== undefined) return [unwritable];
  const { bavail, bsize } = await statfs(await existingPart(dataDir));
  return [...judgeSpace(dataDir, bavail * bsize), await checkDatabase(dataDir, signal)];
}

async function findWriteFault(dataDir: string): Promise<Finding | undefined> {
  try {
    const there = await existingPart(dataDir);
    if (!(await stat(there)).isDirectory()) throw new Error(`${there} is no folder`);
    await access(there, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return fault(
      "data-dir-unwritable",
      `DATA_DIR ${dataDir} cannot be written: ${messageOf(error)}.`,
      `Give it to the user that runs Patchbay (chown -R ${process.getuid?.() ?? "<user>"} ${dataDir}), or in .env: DATA_DIR=… for another folder`,
    );
  }
}

/** The folder itself, or the nearest one above it in which it would be made. */
async function existingPart(dir: string): Promise<string> {
  const there = await access(dir).then(
    () => true,
    () => false,
  );
  return there || path.dirname(dir) === dir ? dir : existingPart(path.dirname(dir));
}

const MEGABYTE = 1_048_576;
/** Megabytes. A fresh database takes about 40 of them, and the write-ahead log grows and shrinks. */
const TIGHT = 1_024;
const FULL = 100;

/** `free` in bytes. */
export function judgeSpace(dataDir: string, free: number): Finding[] {
  const megabytes = Math.floor(free / MEGABYTE);
  if (megabytes >= TIGHT) return [];
  const find = megabytes < FULL ? fault : warn;
  return [
    find(
      megabytes < FULL ? "disk-full" : "disk-tight",
      `Only ${megabytes} MB are free where DATA_DIR ${dataDir} lies.`,
      "Free some space, or in .env: DATA_DIR=… on a larger disk",
    ),
  ];
}

async function checkDatabase(dataDir: string, signal: AbortSignal): Promise<Finding> {
  const holder = await findHolder(dataDir);
  if (holder !== undefined)
    return ok(
      "data-dir-in-use",
      `DATA_DIR ${dataDir} is in use by process ${holder}: the bot is running.`,
    );
  const dir = databaseDir(dataDir);
  const made = await access(path.join(dir, "PG_VERSION")).then(
    () => true,
    () => false,
  );
  if (!made)
    return ok("database-new", `The embedded database is made in ${dataDir} at the first start.`);
  // Two processes on one embedded database lose rows: a bot that starts just now waits for this one.
  await using _ = await lockDataDir(dataDir);
  const complaint = await openOnce(dir, signal);
  if (complaint === undefined)
    return ok("database-opens", `The embedded database in ${dataDir} can be opened.`);
  return fault(
    "database-damaged",
    `The embedded database in ${dataDir} cannot be opened (${complaint}).`,
    "Put a backup of DATA_DIR in its place, or move the folder away; then Patchbay begins anew.",
  );
}

const Ending = z.tuple([z.number().nullable(), z.unknown()]);

/** In a process of its own: a database that is damaged can take the process that opens it along. Why not, or undefined. */
async function openOnce(dir: string, signal: AbortSignal): Promise<string | undefined> {
  const script = fileURLToPath(new URL("../store/make-database.ts", import.meta.url));
  const child = spawn(process.execPath, [script, dir], { stdio: ["ignore", "ignore", "pipe"] });
  const end = (): void => void child.kill();
  signal.addEventListener("abort", end);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = Ending.parse(await once(child, "close"));
  signal.removeEventListener("abort", end);
  if (code === 0) return undefined;
  if (signal.aborted) return "not in time";
  // Above its error, Node prints the line of source that threw it.
  const error = said.split("\n").find((line) => /^\w*Error\b/.test(line));
  return (error ?? `it ended with code ${code}`).trim().slice(0, 200);
}
