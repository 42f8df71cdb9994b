import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { z } from "zod";

import { ConfigurationFault, messageOf } from "../errors.ts";

/** Milliseconds to wait for another process to leave: a restart overlaps with its predecessor's last moments. */
const WAIT = 5_000;
const LOCK = "patchbay.lock";
const Holder = z.object({ pid: z.number(), started: z.string() });

/** The database's own folder within DATA_DIR. */
export function databaseDir(dataDir: string): string {
  return join(dataDir, "database");
}

/**
 * Takes DATA_DIR for this process alone: two of them on one embedded database lose rows silently.
 * Throws a ConfigurationFault where the folder cannot be written or a living process holds it.
 */
export async function lockDataDir(dataDir: string): Promise<AsyncDisposable> {
  try {
    await makeFolder(dataDir);
    await writeFile(join(dataDir, ".writable"), "");
    await rm(join(dataDir, ".writable"));
  } catch (error) {
    throw new ConfigurationFault([
      `DATA_DIR ${dataDir} cannot be written (${messageOf(error)}): make it writable, or name another folder.`,
    ]);
  }
  const file = join(dataDir, LOCK);
  const self = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) });
  for (const until = Date.now() + WAIT; ; await sleep(200)) {
    if (await writeNew(file, self))
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    const holder = await holderOf(file);
    if (holder === undefined) await breakLock(file);
    else if (Date.now() > until) {
      throw new ConfigurationFault([
        `DATA_DIR ${dataDir} is in use by process ${holder}: stop it, name another folder, or set DATABASE_URL to share the work.`,
      ]);
    }
  }
}

/** A new database is made by a process that ends: whoever makes it keeps about 600 MB of memory. */
export async function prepareDatabase(dir: string): Promise<void> {
  if (await exists(join(dir, "PG_VERSION"))) return;
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL("./make-database.ts", import.meta.url)), dir],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = z.tuple([z.number().nullable(), z.unknown()]).parse(await once(child, "close"));
  if (code !== 0)
    throw new Error(
      `The embedded database could not be made in ${dir}: ${complaint.slice(0, 500)}`,
    );
}

/** mkdir's own `recursive` never returns where the system answers ENOENT below a folder that exists, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  if (await exists(path)) return;
  const parent = dirname(path);
  if (!(await exists(parent))) await makeFolder(parent);
  await mkdir(path);
}

/** The pid of the living process that holds DATA_DIR; undefined where none does. Changes nothing. */
export function findHolder(dataDir: string): Promise<number | undefined> {
  return holderOf(join(dataDir, LOCK));
}

/** The pid of the living process that holds the lock. */
async function holderOf(file: string): Promise<number | undefined> {
  try {
    const { pid, started } = Holder.parse(JSON.parse(await readFile(file, "utf8")));
    return (await startOf(pid)) === started ? pid : undefined;
  } catch {
    // Gone in the meantime, or cut off while it was written.
    return undefined;
  }
}

/** Only one process at a time may remove a stale lock, or it could remove the lock that another has just made. */
async function breakLock(file: string): Promise<void> {
  const guard = `${file}.break`;
  if (!(await writeNew(guard, ""))) {
    await sleep(100);
    await rm(guard, { force: true });
    return;
  }
  if ((await holderOf(file)) === undefined) await rm(file, { force: true });
  await rm(guard, { force: true });
}

async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** When a process began, in the system's own words: a pid alone is reused. Undefined for a dead one, zombies included. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command's name, in parentheses, may hold spaces: fields are counted after it. State is the 3rd, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    if (process.platform === "linux") return undefined;
  }
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "stat=,lstart=", "-p", String(pid)]);
    return stdout.startsWith("Z") ? undefined : stdout.slice(stdout.indexOf(" ")).trim();
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
