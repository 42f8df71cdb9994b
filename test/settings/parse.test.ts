import { writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test } from "vitest";

import { SettingsFault } from "../../src/settings/fault.ts";
import { parseSettings } from "../../src/settings/parse.ts";
import { createFolder } from "./folder.ts";
import { faultsOf, parse } from "./settings-text.ts";

const SKETCH = `
admins: [slack:U012AB3CD, discord:80351110224678912]
audience: { guests: false, external: false, direct_messages: members }
assistants:
  default: { name: Patchbay, model: gpt-5.1, instructions: "You help the platform team.", tools: [ticket_lookup, deploy_status] }
  oncall:  { instructions_file: oncall.md, tools: ["*"] }
channels:
  "slack:#incidents": { assistant: oncall, answer: mention }      # mention | thread | all
  "discord:general":  { conversation: thread }                    # thread | channel
limits: { per_person_per_hour: 60, per_day: 20 EUR, turn_seconds: 600 }
`;

test("the sketch of the design is read as it is meant", async () => {
  const settings = await parse(SKETCH);
  expect(settings).toMatchObject({
    admins: [
      { platform: "slack", id: "U012AB3CD" },
      { platform: "discord", id: "80351110224678912" },
    ],
    assistants: [
      {
        key: "default",
        name: "Patchbay",
        model: "gpt-5.1",
        instructions: "You help the platform team.",
        tools: ["ticket_lookup", "deploy_status"],
      },
      { key: "oncall", name: "oncall", model: undefined, instructions: "Stay calm.", tools: "*" },
    ],
    channels: [
      { key: { platform: "slack", name: "incidents" }, answer: "mention" },
      { key: { platform: "discord", name: "general" }, answer: "thread", conversation: "thread" },
    ],
    limits: {
      perPersonPerHour: 60,
      perDay: { amount: 20, currency: "EUR" },
      turnTimeout: 600_000,
    },
  });
  expect(settings.channels[0]?.assistant).toBe(settings.assistants[1]);
});

test.each([
  ["an empty file", ""],
  ["comments alone", "# later\n"],
  [
    "sections whose lines are commented out",
    "limits:\n  # turn_seconds: 5\nchannels:\nadmins:\nassistants:\n  default:\n",
  ],
])("%s means the defaults", async (_name, text) => {
  const settings = await parse(text);
  expect(settings).toEqual({
    admins: [],
    audience: { guests: false, external: false, directMessages: "members" },
    assistants: [settings.defaultAssistant],
    defaultAssistant: {
      key: "default",
      name: "Patchbay",
      model: undefined,
      instructions: expect.stringContaining("You are Patchbay"),
      tools: "*",
      temperature: undefined,
      reasoningEffort: undefined,
    },
    channels: [],
    limits: { perPersonPerHour: undefined, perDay: undefined, turnTimeout: 600_000 },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    directMessagesFreshAfter: 86_400_000,
    catchUp: { messages: 50, characters: 20_000 },
  });
});

test("settings cannot be changed by who holds them", async () => {
  const settings = await parse(SKETCH);
  expect(() => Object.assign(settings.limits, { turnTimeout: 1 })).toThrow(TypeError);
  expect(() => Object.assign(settings.channels, { length: 0 })).toThrow(TypeError);
  expect(() => Object.assign(settings.assistants[1] ?? {}, { name: "x" })).toThrow(TypeError);
});

test("all faults of a file are reported together, in its order, each once", async () => {
  const faults = await faultsOf(
    [
      "admins: [ana, bob]",
      "assistants:",
      "  oncall: { temperature: hot, instructions_file: gone.md }",
      "  9lives: {}",
      "channels:",
      '  "slack:#a": { assistant: oncall, answer: never }',
      '  "slack:#b": { assistant: 9lives }',
      '  "slack:#c": { assistant: nobody }',
      "limits: { turn_seconds: 2.5, per_dya: 3 }",
      "",
    ].join("\r\n"),
  );
  expect(faults.map((fault) => /^patchbay\.yml:(\d+:\d+): /.exec(fault)?.[1])).toEqual([
    "1:10",
    "1:15",
    "3:26",
    "3:50",
    "4:3",
    "6:44",
    "8:28",
    "9:25",
    "9:30",
  ]);
});

test("a line over which the YAML parser stumbles is reported once", async () => {
  expect(await faultsOf("limits:\n  turn_seconds: 30\n   per_day: 20 EUR\n")).toEqual([
    expect.stringMatching(/^patchbay\.yml:2:17: the YAML cannot be read: /),
  ]);
});

test("a file that is nested without end is a fault, not a crash", async () => {
  expect(await faultsOf("[".repeat(50_000))).toEqual([
    "patchbay.yml: it is nested too deeply to be read; flatten it.",
  ]);
});

test("an instructions file that cannot be taken says why", async () => {
  await using folder = await createFolder();
  await writeFile(path.join(folder.dir, "latin.md"), Buffer.from([0x47, 0xfc, 0x6e]));
  await writeFile(path.join(folder.dir, "empty.md"), "\n");
  const text = `assistants:
  a: { instructions_file: latin.md }
  b: { instructions_file: empty.md }
  c: { instructions_file: . }
`;
  const parsing = parseSettings(text, { file: "patchbay.yml", dir: folder.dir });
  const fault: unknown = await parsing.catch((error: unknown) => error);
  expect(fault instanceof SettingsFault && fault.faults).toEqual([
    expect.stringMatching(/^patchbay\.yml:2:27: .*latin\.md is no UTF-8 text; /),
    expect.stringMatching(/^patchbay\.yml:3:27: .*empty\.md is empty; /),
    expect.stringMatching(/^patchbay\.yml:4:27: .* is a folder; /),
  ]);
});
