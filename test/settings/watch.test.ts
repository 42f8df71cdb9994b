import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test } from "vitest";

import { createLog } from "../../src/log.ts";
import type { SettingsFault } from "../../src/settings/fault.ts";
import type { OpenFolder } from "../../src/settings/folders.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { type SettingsWatch, watchSettings } from "../../src/settings/watch.ts";
import { createFolder } from "./folder.ts";

/** Milliseconds after which something that should have been told counts as never told. */
const DEADLINE = 4_000;

interface Setup extends AsyncDisposable {
  readonly watch: SettingsWatch;
  /** The next change or fault, in the order in which they were told. */
  next(): Promise<Settings | SettingsFault>;
  /** What was told and not yet asked for. */
  readonly told: readonly (Settings | SettingsFault)[];
  readonly log: string[];
}

async function open(
  file: string | undefined,
  more: { openFolder?: OpenFolder; pollEvery?: number } = {},
): Promise<Setup> {
  const told: (Settings | SettingsFault)[] = [];
  let heard = Promise.withResolvers<void>();
  const hear = (what: Settings | SettingsFault): void => {
    told.push(what);
    heard.resolve();
  };
  const log: string[] = [];
  const watch = await watchSettings({
    file,
    onChange: hear,
    onFault: hear,
    log: createLog("info", [], { write: (line) => void log.push(line) }),
    signal: new AbortController().signal,
    ...more,
  });
  return {
    watch,
    told,
    log,
    async next() {
      const late = setTimeout(() => heard.reject(new Error("Nothing was told.")), DEADLINE);
      try {
        while (told.length === 0) {
          await heard.promise;
          heard = Promise.withResolvers();
        }
      } finally {
        clearTimeout(late);
      }
      const first = told.shift();
      if (first === undefined) throw new RangeError("Nothing was told.");
      return first;
    },
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

const named = (name: string): string => `assistants: { default: { name: ${name} } }\n`;

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

/** Only the poll finds changes. */
const deaf: OpenFolder = () => ({ [Symbol.dispose]: () => {} });

test("a change is in force soon after it is saved, a broken one is not, and a mended one is", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "patchbay.yml");
  await writeFile(file, named("One"));
  await using setup = await open(file);
  const { watch } = setup;
  expect(watch.current().defaultAssistant.name).toBe("One");

  await writeFile(file, named("Two"));
  expect(await setup.next()).toBe(watch.current());
  expect(watch.current().defaultAssistant.name).toBe("Two");

  await writeFile(file, `${named("Three")}limits: { turn_seconds: 5 }\n`);
  const fault = `${file}:2:25: limits.turn_seconds is 5; it must be a whole number from 10 to 3,600.`;
  expect(await setup.next()).toMatchObject({ faults: [fault] });
  expect(watch.current().defaultAssistant.name).toBe("Two");
  expect(watch.faults()).toEqual([fault]);
  expect(setup.log.filter((line) => line.includes(":2:25:"))).toHaveLength(1);

  await writeFile(file, named("Two"));
  expect(await setup.next()).toBe(watch.current());
  expect(watch.faults()).toEqual([]);
});

test("an editor that saves by renaming is followed, more than once", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "patchbay.yml");
  await writeFile(file, named("One"));
  await using setup = await open(file);
  for (const name of ["Two", "Three"]) {
    await writeFile(`${file}.tmp`, named(name));
    await rename(`${file}.tmp`, file);
    expect(await setup.next()).toMatchObject({ defaultAssistant: { name } });
  }
});

test("an instructions file is followed, also in another folder and when it comes late", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "patchbay.yml");
  const instructions = path.join(folder.dir, "prompts", "oncall.md");
  await mkdir(path.dirname(instructions));
  await writeFile(instructions, "Stay calm.\n");
  await writeFile(file, "assistants: { default: { instructions_file: prompts/oncall.md } }\n");
  await using setup = await open(file);
  expect(setup.watch.current().defaultAssistant.instructions).toBe("Stay calm.");

  await writeFile(instructions, "Hurry.\n");
  expect(await setup.next()).toMatchObject({ defaultAssistant: { instructions: "Hurry." } });
  await rm(instructions);
  expect(await setup.next()).toMatchObject({
    faults: [expect.stringContaining("patchbay.yml:1:45: ")],
  });
  expect(setup.watch.current().defaultAssistant.instructions).toBe("Hurry.");
  await writeFile(instructions, "Back.\n");
  expect(await setup.next()).toMatchObject({ defaultAssistant: { instructions: "Back." } });
});

test("where no event comes, as on network mounts, the poll finds the change", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "patchbay.yml");
  await writeFile(file, named("One"));
  await using setup = await open(file, { openFolder: deaf, pollEvery: 20 });
  await writeFile(file, named("Two"));
  expect(await setup.next()).toMatchObject({ defaultAssistant: { name: "Two" } });
});

test("a file that was there and is gone leaves the last good settings in force", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "patchbay.yml");
  await writeFile(file, named("One"));
  await using setup = await open(file);
  await rm(file);
  expect(await setup.next()).toMatchObject({ faults: [expect.stringContaining("it is gone;")] });
  expect(setup.watch.current().defaultAssistant.name).toBe("One");
  await writeFile(file, named("Two"));
  expect(await setup.next()).toMatchObject({ defaultAssistant: { name: "Two" } });
});

test("without CONFIG_FILE a missing file means the defaults, until it appears", async () => {
  await using folder = await createFolder();
  const before = process.cwd();
  await using stack = new AsyncDisposableStack();
  process.chdir(folder.dir);
  stack.defer(() => process.chdir(before));
  const setup = stack.use(await open(undefined));
  expect(setup.watch.current().defaultAssistant.name).toBe("Patchbay");
  expect(setup.watch.faults()).toEqual([]);
  await writeFile("patchbay.yml", named("Here"));
  expect(await setup.next()).toMatchObject({ defaultAssistant: { name: "Here" } });
});

test("a file that CONFIG_FILE names and that is not there is a fault that says so", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "none.yml");
  await expect(open(file)).rejects.toMatchObject({
    faults: [expect.stringMatching(/none\.yml: CONFIG_FILE names this file, .* does not exist/)],
  });
});

test("a file that is faulty from the start is a fault with all its places", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "patchbay.yml");
  await writeFile(file, "limit: {}\nadmins: [ana]\n");
  await expect(open(file)).rejects.toMatchObject({
    faults: [expect.stringContaining(":1:1: "), expect.stringContaining(":2:10: ")],
  });
});

test("events without a change tell nothing, and disposing closes every folder and timer", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.dir, "patchbay.yml");
  await writeFile(file, named("One"));
  const folders = new Map<string, () => void>();
  const watching: OpenFolder = (dir, onEvent) => {
    folders.set(dir, onEvent);
    return { [Symbol.dispose]: () => void folders.delete(dir) };
  };
  const setup = await open(file, { openFolder: watching, pollEvery: 3_600_000 });
  const poke = (): void => folders.get(folder.dir)?.();

  // The same content again, then a real change: the first thing told is the change.
  await writeFile(file, named("One"));
  poke();
  await writeFile(file, named("Two"));
  poke();
  expect(await setup.next()).toMatchObject({ defaultAssistant: { name: "Two" } });
  const before = timers();
  await setup[Symbol.asyncDispose]();
  expect(setup.told).toEqual([]);
  expect(folders.size).toBe(0);
  expect(timers()).toBeLessThan(before);
});
