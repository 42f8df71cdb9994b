import path from "node:path";

import { z } from "zod";

import { readDocument } from "../settings/document.ts";
import { SettingsFault } from "../settings/fault.ts";
import { loadSettings } from "../settings/load.ts";
import { nearest } from "../settings/nearest.ts";
import { readTextFile } from "../settings/text-file.ts";
import type { LoadedTools } from "../toolbox/index.ts";
import { type Finding, findingsIn } from "./finding.ts";

const { ok, warn, fault } = findingsIn("settings");
const DEFAULT_FILE = "patchbay.yml";

/** patchbay.yml as a start would read it, and its tool names against the tools that there are. */
export async function checkSettings(
  configFile: string | undefined,
  { tools, problems }: LoadedTools,
  signal: AbortSignal,
): Promise<Finding[]> {
  const file = configFile ?? DEFAULT_FILE;
  const missing =
    configFile === undefined
      ? undefined
      : "CONFIG_FILE names this file, but it does not exist; create it, or remove CONFIG_FILE to run with the defaults.";
  const { outcome, present } = await loadSettings({ file, missing, signal });
  if (outcome instanceof SettingsFault)
    return outcome.faults.map((told) =>
      fault(present ? "settings-fault" : "settings-missing", told),
    );
  if (!present) {
    const said = `There is no ${DEFAULT_FILE}, so its defaults hold; patchbay.example.yml shows what it can say.`;
    return [ok("settings-absent", said)];
  }
  const { assistants, channels, admins } = outcome;
  const counts = `${count(assistants.length, "assistant")}, ${count(channels.length, "channel")}, ${count(admins.length, "admin")}`;
  const known = { tools: tools.map(({ name }) => name), broken: problems.map((one) => one.file) };
  return [
    ok("settings-read", `${file} is without fault: ${counts}.`),
    ...(await findUnknownTools(file, known, signal)),
  ];
}

const Naming = z.object({
  assistants: z
    .record(z.string(), z.object({ tools: z.array(z.string()).default([]) }))
    .default({}),
});

async function findUnknownTools(
  file: string,
  known: { readonly tools: readonly string[]; readonly broken: readonly string[] },
  signal: AbortSignal,
): Promise<Finding[]> {
  const document = readDocument(await readTextFile(path.resolve(file), signal));
  const { data } = Naming.safeParse(document.value);
  return Object.entries(data?.assistants ?? {}).flatMap(([key, { tools }]) =>
    tools.flatMap((name, index) => {
      if (name === "*" || known.tools.includes(name)) return [];
      const { line, column } = document.locate(["assistants", key, "tools", index], "value");
      const said = `${file}:${line}:${column}: assistants.${key} names the tool ${name}, which does not exist.`;
      return [warn("settings-tool-unknown", said, wayTo(name, known))];
    }),
  );
}

function wayTo(
  name: string,
  { tools, broken }: { readonly tools: readonly string[]; readonly broken: readonly string[] },
): string {
  const file = broken.find((one) => path.parse(one).name.replaceAll("-", "_") === name);
  if (file !== undefined) return `Its file ${file} is not loaded; see below.`;
  const near = nearest(name, tools);
  if (near !== undefined) return `Did you mean ${near}?`;
  return tools.length === 0 ? "There are no tools." : `There are ${tools.join(", ")}.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
