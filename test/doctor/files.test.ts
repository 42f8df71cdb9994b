import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test } from "vitest";

import { toolFile } from "../toolbox/tool-folder.ts";
import { createFolder, look } from "./look.ts";

/** A tools folder and patchbay.yml in one temporary folder. */
async function createSetup(
  tools: Readonly<Record<string, string>>,
  yaml?: string,
): Promise<{ readonly env: Readonly<Record<string, string>> } & AsyncDisposable> {
  const folder = await createFolder();
  const TOOLS_DIR = path.join(folder.path, "tools");
  await mkdir(TOOLS_DIR);
  for (const [name, text] of Object.entries(tools))
    await writeFile(path.join(TOOLS_DIR, name), text);
  const CONFIG_FILE = path.join(folder.path, "patchbay.yml");
  if (yaml !== undefined) await writeFile(CONFIG_FILE, yaml);
  const env = { TOOLS_DIR, ...(yaml !== undefined && { CONFIG_FILE }) };
  return { env, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test("each tool file is told: what it has, what it lacks, why it is not offered", async () => {
  const secret = 'secrets: ["TRACKER_TOKEN"], settings: ["TRACKER_URL"],';
  await using setup = await createSetup({
    "tracker.ts": toolFile("return q;", secret),
    "note.ts": toolFile("return q;", 'risk: "write",'),
    "broken.ts": "export default {",
  });
  const lacking = await look(setup.env);
  expect(lacking.exitCode).toBe(0);
  expect(lacking.troubles).toEqual(["warn tool-secret-missing", "warn tool-not-loaded"]);
  expect(lacking.finding("tool-secret-missing").remedy).toBe("In .env: TRACKER_TOKEN=…");
  expect(lacking.finding("tool-not-loaded").message).toMatch(/^broken\.ts(:\d+)? is not offered: /);
  expect(lacking.finding("tool-loaded").message).toBe("note (note.ts), write.");

  const given = await look({ ...setup.env, TRACKER_TOKEN: "tracker-token-1", TRACKER_ULR: "x" });
  expect(given.troubles).toEqual(["warn variable-misspelt", "warn tool-not-loaded"]);
  expect(given.finding("variable-misspelt").message).toContain("did you mean TRACKER_URL?");
  expect(given.findings).toContainEqual(
    expect.objectContaining({ message: "tracker (tracker.ts), with TRACKER_TOKEN." }),
  );
  const unreadable = await look({ ...setup.env, TRACKER_TOKEN_FILE: "/nowhere/token" });
  expect(unreadable.troubles).toContain("warn tool-secret-unreadable");
});

test("a tools folder that does not exist leaves the bot without tools, which is said", async () => {
  const seen = await look({ TOOLS_DIR: "/nowhere/tools" });
  expect(seen).toMatchObject({ exitCode: 0, troubles: ["warn tools-dir-missing"] });
});

test("faults of patchbay.yml have their line and column", async () => {
  await using setup = await createSetup({}, "assistants:\n  default: { nmae: Pat }\n");
  const seen = await look(setup.env);
  expect(seen).toMatchObject({ exitCode: 1, troubles: ["fault settings-fault"] });
  expect(seen.finding("settings-fault").message).toMatch(/patchbay\.yml:2:14: .*nmae/);
});

test("tools that patchbay.yml names and nobody has are pointed at, with the nearest", async () => {
  await using setup = await createSetup(
    { "ticket-lookup.ts": toolFile("return q;"), "on-call.ts": "export default 1" },
    "assistants:\n  default:\n    tools: [ticket_lokup, on_call, ticket_lookup]\n  other: { tools: ['*'] }\n",
  );
  const seen = await look(setup.env);
  const told = seen.findings.filter(({ code }) => code === "settings-tool-unknown");
  expect(told.map(({ message, remedy }) => [message?.replace(/^.*yml:/, ""), remedy])).toEqual([
    [
      "3:13: assistants.default names the tool ticket_lokup, which does not exist.",
      "Did you mean ticket_lookup?",
    ],
    [
      "3:27: assistants.default names the tool on_call, which does not exist.",
      "Its file on-call.ts is not loaded; see below.",
    ],
  ]);
  expect(seen.finding("settings-read").message).toContain("2 assistants");
});

test("a CONFIG_FILE that does not exist is a fault, a patchbay.yml that does not is none", async () => {
  const seen = await look({ CONFIG_FILE: "/nowhere/patchbay.yml" });
  expect(seen).toMatchObject({ exitCode: 1, troubles: ["fault settings-missing"] });
});
