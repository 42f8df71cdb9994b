import { expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";

import { defineTool, type ToolContext } from "../../src/toolbox/define.ts";
import { createToolbox, type Toolbox, type ToolOutcome } from "../../src/toolbox/index.ts";
import { createToolFolder, loadTools, silent, toolFile } from "./tool-folder.ts";

const caller = {
  person: { id: "U1", name: "Ana" },
  platform: "slack",
  conversation: "slack/T1/C1/1",
};
const never = new AbortController().signal;

/** Loads one tool file named probe.ts and hands its toolbox over. */
async function withTool<Result>(
  text: string,
  use: (toolbox: Toolbox) => Promise<Result>,
  env = {},
): Promise<Result> {
  await using folder = await createToolFolder({ "probe.ts": text });
  const { tools, problems } = await loadTools({ dir: folder.dir, log: silent });
  expect(problems).toEqual([]);
  return await use(createToolbox({ tools, problems, env, log: silent }));
}

function callProbe(toolbox: Toolbox, args: unknown = {}, signal = never): Promise<ToolOutcome> {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return toolbox.call({ id: "call_1", name: "probe", arguments: text }, caller, signal);
}

test("a call gets its arguments, its caller and its call id, and its result becomes JSON", async () => {
  const text = toolFile(
    "return { q: args.q, id: context.callId, who: context.caller.person.name, n: [1, null] };",
  );
  const outcome = await withTool(text, (toolbox) => callProbe(toolbox, { q: "hi" }));
  expect(outcome).toEqual({
    output: '{"q":"hi","id":"call_1","who":"Ana","n":[1,null]}',
    ok: true,
    durationMs: expect.any(Number),
  });
});

test("functions are told as the Assistants API wants them", async () => {
  const text = toolFile("", "risk: 'dangerous',");
  await withTool(text, async (toolbox) => {
    expect(toolbox.functions).toEqual([
      {
        type: "function",
        function: {
          name: "probe",
          description: "A tool of the test",
          parameters: { type: "object", properties: { q: { type: "string", default: "" } } },
        },
      },
    ]);
    expect(toolbox.risk("probe")).toBe("dangerous");
    expect(toolbox.risk("other")).toBeUndefined();
  });
});

test.each([
  ["no arguments at all", "", /^""$/, true],
  [
    "arguments that are not JSON",
    "{oops",
    /^Error: the arguments are not valid JSON .* one JSON object\.$/,
    false,
  ],
  [
    "arguments that are no object",
    "[1]",
    /^Error: the arguments do not fit: .*call the tool again\.$/,
    false,
  ],
  [
    "an argument of a wrong type",
    '{"q":7}',
    /^Error: the arguments do not fit: q: .*string/,
    false,
  ],
])("%s", async (_name, args, output, ok) => {
  const outcome = await withTool(toolFile("return JSON.stringify(args.q);"), (toolbox) =>
    callProbe(toolbox, args),
  );
  expect(outcome).toMatchObject({
    ok,
    output: expect.stringMatching(output),
  });
});

test("plain JSON Schema is checked too", async () => {
  const schema = `{ type: "object", properties: { n: { type: "integer", minimum: 1 } }, required: ["n"], additionalProperties: false }`;
  const text = `export default { description: "d", parameters: ${schema}, run: ({ n }) => n * 2 };`;
  await withTool(text, async (toolbox) => {
    expect(await callProbe(toolbox, { n: 4 })).toMatchObject({ ok: true, output: "8" });
    expect(await callProbe(toolbox, { n: 0 })).toMatchObject({
      ok: false,
      output: expect.stringMatching(/n: must be >= 1/),
    });
    expect(await callProbe(toolbox, { m: 1 })).toMatchObject({
      ok: false,
      output: expect.stringMatching(/required/),
    });
  });
});

test.each([
  ["an error", "throw new Error('no such host');", /^Error: no such host$/],
  ["a string", "throw 'just words';", /^Error: just words$/],
  ["nothing", "throw undefined;", /^Error: the tool failed without saying why$/],
  [
    "an error with a stack in its message",
    "const e = new Error('a'); throw new Error('b\\n' + e.stack);",
    /^Error: b\nError: a$/,
  ],
  [
    "a result that is too deep for JSON",
    "const a = {}; a.a = a; return a;",
    /^Error: the tool ran, but its result is not a JSON value/,
  ],
  ["a big integer", "return 1n;", /^Error: the tool ran, but its result is not a JSON value/],
  ["a function", "return () => 1;", /\(it is a function\)/],
])(
  "a tool that throws or returns %s tells the model, without a stack",
  async (_name, body, output) => {
    const outcome = await withTool(toolFile(body), (toolbox) => callProbe(toolbox));
    expect(outcome.ok).toBe(false);
    expect(outcome.output).toMatch(output);
    expect(outcome.output).not.toMatch(/\.ts:\d|\bat /);
  },
);

test("a tool that returns nothing has done its work", async () => {
  const outcome = await withTool(toolFile(""), (toolbox) => callProbe(toolbox));
  expect(outcome).toMatchObject({ ok: true, output: "Done; the tool returned nothing." });
});

test("a long output is cut at a whole character and says how much is missing", async () => {
  const text = toolFile("return 'ab' + '😀'.repeat(10);", "maxOutput: 5,");
  const outcome = await withTool(text, (toolbox) => callProbe(toolbox));
  expect(outcome).toMatchObject({ ok: true, output: "ab😀\n[18 characters were cut]" });
});

test("a tool that takes too long is stopped, even if it does not listen", async () => {
  const heard = toolFile(
    "await new Promise((_, no) => context.signal.addEventListener('abort', () => no(context.signal.reason)));",
    "timeout: 40,",
  );
  const deaf = toolFile("await new Promise(() => {});", "timeout: 40, risk: 'write',");
  for (const [text, output] of [
    [heard, "Error: the tool did not answer within 0.04 s and was stopped."],
    [
      deaf,
      "Error: the tool did not answer within 0.04 s and was stopped. Whether it took effect is not known: check before you try again.",
    ],
  ] as const)
    expect(await withTool(text, (toolbox) => callProbe(toolbox))).toMatchObject({
      ok: false,
      output,
    });
});

test("an abort ends a running call at once, and one that has not begun never runs", async () => {
  const started = Promise.withResolvers<void>();
  const begin = vi.fn<() => void>(() => started.resolve());
  vi.stubGlobal("probeBegins", begin);
  await withTool(
    toolFile("globalThis.probeBegins(); await new Promise(() => {});"),
    async (toolbox) => {
      const early = await callProbe(toolbox, {}, AbortSignal.abort());
      expect(early).toMatchObject({
        ok: false,
        output: "Error: the call was cancelled before it began.",
      });
      expect(begin).not.toHaveBeenCalled();
      const controller = new AbortController();
      const running = callProbe(toolbox, {}, controller.signal);
      await started.promise;
      controller.abort();
      expect(await running).toMatchObject({ ok: false, output: "Error: the call was cancelled." });
    },
  );
  vi.unstubAllGlobals();
});

test("a tool sees the variables that it lists and no others; a missing secret is named, a missing setting is not there", async () => {
  const text = toolFile(
    "return [context.secrets, context.settings];",
    "secrets: ['TOKEN'], settings: ['REGION', 'ZONE'],",
  );
  const env = { TOKEN: "a", REGION: "eu", OTHER: "hidden" };
  expect(await withTool(text, (toolbox) => callProbe(toolbox), env)).toMatchObject({
    ok: true,
    output: '[{"TOKEN":"a"},{"REGION":"eu"}]',
  });
  expect(await withTool(text, (toolbox) => callProbe(toolbox), { REGION: "eu" })).toMatchObject({
    ok: false,
    output: expect.stringMatching(/environment variable TOKEN, which is not set/),
  });
});

test("a secret never gets into an output, not even through an error", async () => {
  const secret = "correct-horse-battery";
  for (const body of [
    "return context.secrets;",
    "throw new Error('401 for ?token=' + context.secrets.TOKEN);",
  ]) {
    const outcome = await withTool(
      toolFile(body, "secrets: ['TOKEN'],"),
      (toolbox) => callProbe(toolbox),
      { TOKEN: secret },
    );
    expect(outcome.output).toContain("[secret]");
    expect(outcome.output).not.toContain(secret);
  }
});

test("a tool that was not offered is answered with those that are", async () => {
  const outcome = await withTool(toolFile(""), (toolbox) =>
    toolbox.call({ id: "call_1", name: "gone", arguments: "{}" }, caller, never),
  );
  expect(outcome).toMatchObject({
    ok: false,
    output: 'Error: there is no tool named "gone". The tools are: probe.',
  });
});

test("a tool's arguments are typed after its parameters", () => {
  const typed = defineTool({
    description: "d",
    parameters: z.object({ a: z.string(), n: z.number().default(1) }),
    run: ({ a, n }) => a.repeat(n),
  });
  expectTypeOf<Parameters<typeof typed.run>>().toEqualTypeOf<
    [{ a: string; n: number }, ToolContext]
  >();
  const plain = defineTool({
    description: "d",
    parameters: { type: "object" },
    run: (args) => args["a"],
  });
  expectTypeOf<Parameters<typeof plain.run>[0]>().toEqualTypeOf<
    Readonly<Record<string, unknown>>
  >();
  expect(typed).toMatchObject({ risk: "read", timeout: 30_000, maxOutput: 32_000 });
});
