import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { ConfigurationFault } from "../../src/errors.ts";
import { lockDataDir } from "../../src/store/data-dir.ts";

const freshDir = (): Promise<string> => mkdtemp(join(tmpdir(), "patchbay-data-"));

test("a folder that a living process holds is refused, naming that process", async () => {
  const dir = await freshDir();
  const holder = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
  await once(holder, "spawn");
  await using _lock = await lockDataDir(dir);
  // The lock of this process, rewritten as the other's: the start time is read the same way.
  const stat = await readFile(`/proc/${holder.pid}/stat`, "utf8");
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  await writeFile(join(dir, "patchbay.lock"), JSON.stringify({ pid: holder.pid, started }));
  await expect(lockDataDir(dir)).rejects.toThrow(`in use by process ${holder.pid}`);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await using taken = await lockDataDir(dir);
  expect(taken).toBeDefined();
});

test("a lock whose pid now belongs to another process is stale", async () => {
  const dir = await freshDir();
  const file = join(dir, "patchbay.lock");
  await writeFile(file, JSON.stringify({ pid: process.pid, started: "1" }));
  await using _lock = await lockDataDir(dir);
  expect(JSON.parse(await readFile(file, "utf8"))).not.toMatchObject({ started: "1" });
});

test("a lock that was cut off while it was written is stale", async () => {
  const dir = await freshDir();
  const file = join(dir, "patchbay.lock");
  await writeFile(file, '{"pid":');
  await using _lock = await lockDataDir(dir);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ pid: process.pid });
});

test("a folder that cannot be made is a fault that names DATA_DIR", async () => {
  await expect(lockDataDir("/proc/patchbay")).rejects.toThrow(ConfigurationFault);
});
