import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

import { createLog } from "../../src/log.ts";

// The loader is taken through Node's own require: only there do its imports run as in production, by Node's type
// stripping and the module hook, and not through the test runner's transformation.
const { loadTools }: typeof import("../../src/toolbox/loader.ts") = createRequire(import.meta.url)(
  "../../src/toolbox/loader.ts",
);
export { loadTools };

export const silent = createLog("silent");

/** A tools folder outside the repository; gone when its scope ends. */
export async function createToolFolder(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { dir: string }> {
  const dir = await mkdtemp(path.join(tmpdir(), "patchbay-tools-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), text);
  }
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

/** A tool file whose `run` has this body, with `args` and `context` at hand. */
export function toolFile(body: string, options = ""): string {
  return `import { defineTool } from "patchbay/tool";
import { z } from "zod";
export default defineTool({
  description: "A tool of the test",
  parameters: z.object({ q: z.string().default("") }),
  ${options}
  async run(args, context) { ${body} },
});
`;
}
