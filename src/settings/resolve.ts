import path from "node:path";

import type { Issue } from "./check.ts";
import { type ChannelKey, parseChannel, parsePerson } from "./keys.ts";
import { nearest } from "./nearest.ts";
import type { SettingsInput } from "./schema.ts";
import type { Assistant, ChannelRule, Money, Settings } from "./settings.ts";
import { Unreadable } from "./text-file.ts";

export interface Resolving {
  /** The folder that relative paths count from. */
  readonly dir: string;
  /** Rejects with Unreadable. */
  readonly read: (path: string) => Promise<string>;
  /** Keys under `assistants`, the faulty ones too: naming one of those is no second fault. */
  readonly named: readonly string[];
  readonly report: (issue: Issue) => void;
}

/** Settings from input that fits the schema: names looked up, files read. What cannot be resolved is reported. */
export async function resolveSettings(input: SettingsInput, how: Resolving): Promise<Settings> {
  const { default: standard, ...others } = input.assistants;
  const defaultAssistant = await resolveAssistant("default", standard, how);
  const assistants = [defaultAssistant];
  for (const [key, one] of Object.entries(others))
    assistants.push(await resolveAssistant(key, one, how));
  const { limits, audience } = input;
  return freeze({
    admins: input.admins.map(parsePerson),
    audience: {
      guests: audience.guests,
      external: audience.external,
      directMessages: audience.direct_messages,
    },
    assistants,
    defaultAssistant,
    channels: resolveChannels(input, assistants, how),
    limits: {
      perPersonPerHour: limits.per_person_per_hour,
      perDay: moneyOf(limits.per_day),
      turnTimeout: limits.turn_seconds * 1_000,
    },
    timeZone: input.time_zone ?? machineTimeZone(),
    directMessagesFreshAfter: input.direct_messages.fresh_after_hours * 3_600_000,
    catchUp: { ...input.catch_up },
  });
}

type AssistantInput = SettingsInput["assistants"][string];

async function resolveAssistant(
  key: string,
  input: AssistantInput | undefined,
  how: Resolving,
): Promise<Assistant> {
  const name = input?.name ?? (key === "default" ? "Patchbay" : key);
  const tools = input?.tools ?? ["*"];
  return {
    key,
    name,
    model: input?.model,
    instructions: (await resolveInstructions(key, input, how)) ?? instructionsFor(name),
    tools: tools.includes("*") ? "*" : [...new Set(tools)],
    temperature: input?.temperature,
    reasoningEffort: input?.reasoning_effort,
  };
}

function instructionsFor(name: string): string {
  return `You are ${name}, a helpful teammate in the team's chat. Use the tools you are given where they can answer better than you can.`;
}

async function resolveInstructions(
  key: string,
  input: AssistantInput | undefined,
  { dir, read, report }: Resolving,
): Promise<string | undefined> {
  const file = input?.instructions_file;
  if (file === undefined) return input?.instructions?.trim();
  const fault = (what: "key" | "value", message: string): undefined => {
    report({ path: ["assistants", key, "instructions_file"], what, message });
  };
  if (input?.instructions !== undefined)
    fault("key", "cannot stand beside instructions; keep one of the two");
  const found = path.resolve(dir, file);
  try {
    const instructions = (await read(found)).trim();
    if (instructions === "")
      return fault("value", `${found} is empty; write the instructions into it`);
    if (instructions.length > 256_000)
      return fault("value", `${found} has more than 256,000 characters; shorten it`);
    return instructions;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return fault("value", `${found} ${error.message}; correct the path or the file`);
  }
}

function resolveChannels(
  { channels }: SettingsInput,
  assistants: readonly Assistant[],
  { named, report }: Resolving,
): ChannelRule[] {
  const seen = new Map<string, string>();
  const rules: ChannelRule[] = [];
  const known = [...new Set(["default", ...named])];
  for (const [written, { assistant: wanted, answer, conversation }] of Object.entries(channels)) {
    const key = parseChannel(written);
    const twin = seen.get(identityOf(key));
    if (twin !== undefined)
      report({
        path: ["channels", written],
        what: "key",
        message: `means the same channel as ${twin}; keep one of the two`,
      });
    seen.set(identityOf(key), written);
    const assistant = assistants.find((one) => one.key === wanted);
    if (assistant !== undefined) rules.push({ key, assistant, answer, conversation });
    else if (!known.includes(wanted)) {
      const meant = nearest(wanted, known);
      const hint = meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
      report({
        path: ["channels", written, "assistant"],
        what: "value",
        message: `no assistant has this key; ${hint}`,
      });
    }
  }
  return rules;
}

function identityOf({ platform, workspace, id, name }: ChannelKey): string {
  return [platform, workspace, id, name].join("/");
}

function moneyOf(money: string | undefined): Money | undefined {
  const [amount, currency] = money?.split(" ") ?? [];
  return currency === undefined ? undefined : { amount: Number(amount), currency };
}

function machineTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  // What a machine without zone data answers, and what cannot be used.
  return timeZone === "Etc/Unknown" ? "UTC" : timeZone;
}

function freeze<Value extends object>(value: Value): Value {
  for (const held of Object.values(value) as unknown[]) {
    if (typeof held === "object" && held !== null) freeze(held);
  }
  return Object.freeze(value);
}
