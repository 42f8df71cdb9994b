import { messageOf } from "../errors.ts";
import type { LoadedTool, LoadedTools } from "../toolbox/index.ts";
import { readVariables } from "../toolbox/variables.ts";
import { type Finding, findingsIn } from "./finding.ts";

const { ok, warn } = findingsIn("tools");

/** Each tool file: offered, or why not, and what a call would miss. A broken one never keeps the bot from starting. */
export async function checkTools(
  dir: string,
  { tools, problems }: LoadedTools,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  const broken = problems.map(({ file, line, reason, remedy }) =>
    file === dir
      ? warn("tools-dir-missing", `TOOLS_DIR ${dir} does not exist, so there are no tools.`, remedy)
      : warn(
          "tool-not-loaded",
          `${file}${line === undefined ? "" : `:${line}`} is not offered: ${reason}`,
          remedy,
        ),
  );
  const empty = tools.length === 0 && problems.length === 0;
  const found = await Promise.all(tools.map((tool) => checkTool(tool, env)));
  return [
    ...(empty ? [ok("tools-none", `There is no tool file in ${dir}.`)] : []),
    ...found,
    ...broken,
  ];
}

async function checkTool(
  { name, file, risk, secrets, settings }: LoadedTool,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding> {
  try {
    const read = await readVariables({ secrets, settings }, env);
    const missing = secrets.filter((secret) => read.secrets[secret] === undefined);
    if (missing.length > 0)
      return warn(
        "tool-secret-missing",
        `${name} (${file}) lacks ${missing.join(" and ")}: every call of it fails.`,
        `In .env: ${missing.map((secret) => `${secret}=…`).join(" ")}`,
      );
    const used = [...secrets, ...Object.keys(read.settings)];
    const told = [
      ...(risk === "read" ? [] : [risk]),
      ...(used.length > 0 ? [`with ${used.join(", ")}`] : []),
      ...(used.length === 0 && settings.length > 0
        ? ["none of its variables is set (tools/README.md)"]
        : []),
    ];
    return ok("tool-loaded", `${[`${name} (${file})`, ...told].join(", ")}.`);
  } catch (error) {
    return warn(
      "tool-secret-unreadable",
      `${name} (${file}): ${messageOf(error)}.`,
      "Correct the path or the file's rights.",
    );
  }
}
