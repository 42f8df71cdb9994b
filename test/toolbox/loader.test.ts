import { expect, test } from "vitest";

import { createToolFolder, loadTools, silent, toolFile } from "./tool-folder.ts";

const ok = toolFile("return 'ok';");

test("every tool file of a folder outside the repository loads, and nothing else does", async () => {
  await using folder = await createToolFolder({
    "deploy-status.ts": ok,
    "plain.js": `export default { description: "Plain", parameters: { type: "object" }, run: () => "plain" };`,
    "module.mjs": ok,
    "report/index.ts": `export { default } from "./parts.ts";`,
    "report/parts.ts": ok,
    "lib/shared.ts": "export const shared = 1;",
    "node_modules/index.js": "throw new Error('never');",
    "_draft.ts": "throw new Error('never');",
    ".hidden.ts": "throw new Error('never');",
    "deploy-status.test.ts": "throw new Error('never');",
    "types.d.ts": "throw new Error('never');",
    "README.md": "# Tools",
  });
  const { tools, problems } = await loadTools({ dir: folder.dir, log: silent });
  expect(problems).toEqual([]);
  expect(tools.map(({ name, file }) => [name, file])).toEqual([
    ["deploy_status", "deploy-status.ts"],
    ["module", "module.mjs"],
    ["plain", "plain.js"],
    ["report", "report/index.ts"],
  ]);
  expect(tools[0]).toMatchObject({
    risk: "read",
    timeout: 30_000,
    maxOutput: 32_000,
    secrets: [],
    settings: [],
  });
});

test("zod is the product's own copy, other packages are those next to the folder", async () => {
  await using folder = await createToolFolder({
    "node_modules/greeting/package.json": `{ "name": "greeting", "version": "1.0.0", "type": "module", "exports": "./index.js" }`,
    "node_modules/greeting/index.js": `export const greeting = "hello from next door";`,
    "greet.ts": `
      import { greeting } from "greeting";
      import { z as same } from "zod/v4";
      import { defineTool } from "patchbay/tool";
      import { suffix } from "./lib/suffix.ts";
      export default defineTool({
        description: greeting + suffix,
        parameters: same.object({ n: same.number() }),
        run: ({ n }) => n,
      });`,
    "lib/suffix.ts": `import { z } from "zod"; export const suffix: string = z.string().parse("!");`,
  });
  const { tools, problems } = await loadTools({ dir: folder.dir, log: silent });
  expect(problems).toEqual([]);
  expect(tools[0]?.description).toBe("hello from next door!");
});

const parameters = (schema: string): string =>
  `import { z } from "zod";\nexport default { description: "d", parameters: ${schema}, run: () => "" };`;

test.each([
  [
    "a syntax error in TypeScript",
    "export default {\n  a: 1,\n  b oops(\n};",
    3,
    /Syntax error/,
    /Correct the syntax/,
  ],
  ["an enum", "export default 1;\nenum A { x }", 2, /enum is not supported/, /only removes types/],
  ["no default export", "export const a = 1;", undefined, /no default export/, /lib\//],
  [
    "a default export that is no tool",
    "export default { description: '' };",
    undefined,
    /`description`.*`parameters`.*`run`/,
    /README/,
  ],
  ["an unknown risk", toolFile("", "risk: 'deadly',"), undefined, /`risk`/, /defineTool/],
  [
    "a missing package",
    `import x from "no-such-package";\nexport default x;`,
    undefined,
    /"no-such-package", which is not installed/,
    /npm install no-such-package/,
  ],
  [
    "a missing file",
    `import x from "./lib/gone.ts";\nexport default x;`,
    undefined,
    /"gone.ts", which does not exist/,
    /path of the import/,
  ],
  [
    "a failure while loading",
    "const a: unknown = null;\n\n(a as { b: () => void }).b();\nexport default 1;",
    3,
    /failed while it was loaded: Cannot read/,
    /into `run`/,
  ],
  [
    "something odd thrown while loading",
    "throw 'no reason';",
    undefined,
    /no reason/,
    /into `run`/,
  ],
  [
    "an import that never ends",
    "await new Promise(() => setInterval(() => {}, 1e6).unref());\nexport default 1;",
    undefined,
    /did not finish loading within 0.3 s/,
    /into `run`/,
  ],
  [
    "a date as parameter",
    parameters("z.object({ at: z.date() })"),
    undefined,
    /Date cannot be represented/,
    /Change `parameters`/,
  ],
  [
    "a parameter that is no object",
    parameters("z.string()"),
    undefined,
    /must describe an object/,
    /Change `parameters`/,
  ],
  [
    "a wrong JSON Schema",
    parameters(`{ type: "object", properties: { a: { type: "strin" } } }`),
    undefined,
    /no valid JSON Schema/,
    /Change `parameters`/,
  ],
  [
    "a schema that tells no JSON Schema",
    parameters(`{ "~standard": { version: 1, vendor: "other", validate: () => ({ value: 1 }) } }`),
    undefined,
    /schema of other does not tell/,
    /Change `parameters`/,
  ],
])(
  "%s is reported with the way out, and the other tools load",
  async (_name, text, line, reason, remedy) => {
    await using folder = await createToolFolder({ "broken.ts": text, "fine.ts": ok });
    const { tools, problems } = await loadTools({
      dir: folder.dir,
      log: silent,
      importTimeout: 300,
    });
    expect(tools.map(({ name }) => name)).toEqual(["fine"]);
    expect(problems).toEqual([
      {
        file: "broken.ts",
        ...(line !== undefined && { line }),
        reason: expect.stringMatching(reason),
        remedy: expect.stringMatching(remedy),
      },
    ]);
    expect(problems[0]?.reason).not.toMatch(/\n|at .+:\d+:\d+/);
  },
);

test("a syntax error in JavaScript has its line as well", async () => {
  await using folder = await createToolFolder({
    "broken.mjs": "export default {\n  a: 1,\n  b oops(\n};",
  });
  const { problems } = await loadTools({ dir: folder.dir, log: silent });
  expect(problems).toMatchObject([
    { file: "broken.mjs", line: 3, reason: expect.stringMatching(/Syntax error/) },
  ]);
});

test("names that are taken or unusable are reported", async () => {
  await using folder = await createToolFolder({ "a-b.ts": ok, "a_b.ts": ok, "größe.ts": ok });
  const { tools, problems } = await loadTools({ dir: folder.dir, log: silent });
  expect(tools.map(({ name }) => name)).toEqual(["a_b"]);
  const reasons = problems.map(({ file, reason }) => `${file}: ${reason}`);
  expect(reasons).toHaveLength(2);
  expect(reasons).toContainEqual(
    expect.stringMatching(/^a[-_]b\.ts: .*"a_b" is taken by a[-_]b\.ts/),
  );
  expect(reasons).toContainEqual(
    expect.stringMatching(/^größe\.ts: .*cannot be the name of a function/),
  );
});

test("a folder that is not there is a problem, not a crash", async () => {
  const { tools, problems } = await loadTools({ dir: "/nowhere/at/all", log: silent });
  expect(tools).toEqual([]);
  expect(problems).toMatchObject([{ reason: "The tools folder does not exist." }]);
});
