import { z } from "zod";

import type { ModelFunction, ModelRequest } from "./model.ts";

export interface DemoCall {
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
}

/** Calls of one answer at most, where a question names several things. */
const MOST_CALLS = 4;
/** A word of the name counts three, one of a description counts one: three is a name's word or a good match. */
const ENOUGH = 3;

const property = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
});
const parameters = z.object({
  properties: z.record(z.string(), property.catch({})).default({}),
  required: z.array(z.string()).default([]),
});
type Property = z.output<typeof property>;

/** The function that the question fits best, once for each thing it names; none when no required value can be found. */
export function chooseCalls(
  { functions, toolChoice = "auto", parallelToolCalls }: ModelRequest,
  question: string,
): DemoCall[] {
  if (toolChoice === "none" || question === "") return [];
  const forced = toolChoice === "required" ? 1 : 0;
  const offers = functions
    .filter(({ name }) => typeof toolChoice === "string" || toolChoice.name === name)
    .map((offer) => ({
      name: offer.name,
      score: fit(offer, question),
      sets: fill(offer, question),
    }))
    .filter(
      ({ score, sets }) =>
        sets.length > 0 && (score >= ENOUGH || forced > 0 || typeof toolChoice !== "string"),
    );
  const best = offers.toSorted((a, b) => b.score - a.score)[0];
  if (best === undefined) return [];
  return best.sets
    .slice(0, parallelToolCalls === false ? 1 : MOST_CALLS)
    .map((set) => ({ name: best.name, arguments: JSON.stringify(set) }));
}

function fit(offer: ModelFunction, question: string): number {
  const asked = words(question);
  const { properties } = readParameters(offer);
  const described = [
    offer.description ?? "",
    ...Object.entries(properties).flatMap(([name, { description = "" }]) => [name, description]),
  ];
  const inName = words(offer.name);
  const inDescription = words(described.join(" "));
  let score = 0;
  for (const word of asked) score += inName.has(word) ? 3 : inDescription.has(word) ? 1 : 0;
  return score;
}

const SMALL_WORDS = new Set(
  "the and for with from that this what which who when where how why are was were has have had can could will would should please tell show give about into all any you your its our use get out not don doesn".split(
    " ",
  ),
);

/** Lower-case words without small words and the endings of plurals and of the past; ids are no words. */
function words(text: string): ReadonlySet<string> {
  const plain = text
    .replaceAll(IDS, " ")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  const found = plain.match(/\p{L}{3,}/gu) ?? [];
  return new Set(
    found
      .filter((word) => !SMALL_WORDS.has(word))
      .map((word) => word.replace(/s$|(?<=\p{L}{4})ed$/u, "")),
  );
}

function readParameters(offer: ModelFunction): z.output<typeof parameters> {
  const parsed = parameters.safeParse(offer.parameters);
  return parsed.success ? parsed.data : { properties: {}, required: [] };
}

/** Argument sets for as many calls as the question names things; empty where a required value is missing. */
function fill(offer: ModelFunction, question: string): Readonly<Record<string, unknown>>[] {
  const { properties, required } = readParameters(offer);
  const values = new Map<string, readonly unknown[]>();
  for (const [name, schema] of Object.entries(properties)) {
    const found = candidates(name, schema, question, required.includes(name));
    if (found.length > 0) values.set(name, found);
    else if (required.includes(name)) return [];
  }
  const several = required.find((name) => (values.get(name)?.length ?? 0) > 1);
  const count = several === undefined ? 1 : (values.get(several)?.length ?? 1);
  return Array.from({ length: count }, (_, call) =>
    Object.fromEntries(
      [...values].map(([name, found]) => [name, name === several ? found[call] : found[0]]),
    ),
  );
}

const IDS = /\b[A-Za-z][A-Za-z0-9]*-\d+\b|(?<=#)\d+\b/g;
const QUOTED = /"([^"]+)"|“([^”]+)”|`([^`]+)`|(?<!\w)'([^']+)'(?!\w)/g;
const ZONE = /\b(?:[A-Z][A-Za-z_]+\/[A-Z][A-Za-z_/+-]*[A-Za-z0-9]|UTC|GMT)\b/g;
const URLS = /\bhttps?:\/\/[^\s<>"]+[^\s<>".,!?)]/g;

/** Values that stand in the question for this parameter; guessing is left to real models. */
function candidates(
  name: string,
  schema: Property,
  question: string,
  required: boolean,
): readonly unknown[] {
  if (schema.enum !== undefined) return schema.enum.filter((value) => mentions(question, value));
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  const plain = question.replaceAll(IDS, " ");
  if (type === "integer")
    return numbers(plain)
      .filter((value) => Number.isInteger(value))
      .slice(0, 1);
  if (type === "number") return numbers(plain).slice(0, 1);
  if (type !== "string") return [];
  const about = `${name} ${schema.description ?? ""}`.toLowerCase();
  if (/time ?_?zone/.test(about)) return unique(question.match(ZONE) ?? []);
  if (schema.format === "uri" || /\burl\b/.test(about)) return unique(question.match(URLS) ?? []);
  const ids = fitting(question.match(IDS) ?? [], schema);
  if (ids.length > 0 && /(^|[_ ])(id|key|ticket|issue|number|reference)\b/.test(about)) return ids;
  const quoted = [...question.matchAll(QUOTED)].map(
    (match) => match.slice(1).find((text) => text !== undefined) ?? "",
  );
  const found = fitting(quoted, schema).slice(0, 1);
  return found.length > 0 || !required ? found : fitting(named(name, plain), schema);
}

/** "service checkout", "service: checkout", "is checkout deployed", or the last word of "… of checkout?". */
function named(name: string, question: string): readonly string[] {
  const spoken = name.replaceAll(/[^A-Za-z0-9]+/g, "[ _-]");
  const direct = new RegExp(
    `\\b${spoken}(?:\\s*[:=]\\s*|\\s+(?!of\\b|for\\b|is\\b))([\\w./-]*\\w)`,
    "i",
  ).exec(question)?.[1];
  const done =
    /\b(?:is|was|has)\s+(?:the\s+)?(?!it\b|this\b|that\b|there\b)([\w./-]*\w)\s+(?:been\s+)?\w+ed\b/i.exec(
      question,
    )?.[1];
  const last = /\b(?:of|for|in|on|at|to|about)\s+(?:the\s+)?([\w./-]*\w)\s*[?.!]*\s*$/i.exec(
    question,
  )?.[1];
  return [direct ?? done ?? last].filter((value) => value !== undefined);
}

function fitting(values: readonly string[], { pattern }: Property): readonly string[] {
  return unique(values).filter((value) => pattern === undefined || matches(pattern, value));
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return false;
  }
}

function mentions(question: string, value: unknown): boolean {
  const spoken = String(value).replaceAll(/[_-]/g, " ").toLowerCase();
  return ` ${question.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, " ")} `.includes(` ${spoken} `);
}

function numbers(text: string): readonly number[] {
  return (text.match(/(?<![\w.])-?\d+(?:\.\d+)?/g) ?? []).map(Number);
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
