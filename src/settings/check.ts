import { z } from "zod";

import type { Path } from "./document.ts";
import { nearest } from "./nearest.ts";
import { schema, type SettingsInput } from "./schema.ts";

export interface Issue {
  readonly path: Path;
  /** Whether the fault is the last key of `path` or what stands behind it. */
  readonly what: "key" | "value";
  /** Completes `the key <key> under <path> …` or `<path> is <value>; …`, without a full stop. */
  readonly message: string;
}

/**
 * Holds data against the schema. What is faulty is then looked at as if it were absent, so that `input` is always
 * whole and everything that depends on the rest can be reported in the same go.
 */
export function check(value: unknown): { input: SettingsInput; issues: readonly Issue[] } {
  const issues: Issue[] = [];
  let rest: unknown = structuredClone(value ?? {});
  for (;;) {
    const parsed = schema.safeParse(rest, { error: explain });
    if (parsed.success) return { input: parsed.data, issues };
    const found = parsed.error.issues.flatMap(issuesOf);
    // Each round takes something away; at the latest an empty file is without fault.
    for (const { path } of found) rest = without(rest, path);
    issues.push(...found.filter(isFirstOfItsPlace));
  }
}

function isFirstOfItsPlace({ path, what }: Issue, index: number, all: readonly Issue[]): boolean {
  const name = JSON.stringify(path);
  const first = all.findIndex((one) => one.what === what && JSON.stringify(one.path) === name);
  return first === index;
}

function issuesOf(issue: z.core.$ZodIssue): Issue[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: [...path, key],
      what: "key",
      message: `is unknown; ${explainUnknown(path, key)}`,
    }));
  if (issue.code === "invalid_key")
    return [
      { path, what: "key", message: `is not valid; ${issue.issues[0]?.message ?? issue.message}` },
    ];
  return [{ path, what: "value", message: issue.message }];
}

/** Sentences for what the schema itself says nothing about. */
function explain(issue: z.core.$ZodRawIssue): string {
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    const meant = typeof issue.input === "string" ? nearest(issue.input, values) : undefined;
    return `it must be one of ${values.join(", ")}${meant === undefined ? "" : ` (did you mean ${meant}?)`}`;
  }
  if (issue.input === undefined) return "write the value, or remove the line";
  switch (issue.code === "invalid_type" ? issue.expected : undefined) {
    case "boolean":
      return "it must be true or false";
    case "array":
      return "it must be a list such as [a, b]";
    case "object":
    case "record":
      return "it must be a mapping: `key: value` lines, indented";
    case "string":
      return typeof issue.input === "object"
        ? "it must be text; put it into quotes where it holds a colon and a space"
        : "it must be text; put it into quotes";
    default:
      return "it is not accepted here";
  }
}

function explainUnknown(path: Path, key: string): string {
  const known = keysAt(path);
  const meant = nearest(key, known);
  if (meant !== undefined) return `did you mean ${meant}?`;
  if (/(?:token|secret|password|key)$/i.test(key))
    return "secrets belong in the environment (.env), not in this file";
  const home = Object.entries(schema.shape).find(([, held]) =>
    Object.hasOwn(shapeOf(held), key),
  )?.[0];
  if (home !== undefined && path.length === 0) return `it belongs under ${home}`;
  return `the keys here are ${known.join(", ")}`;
}

function keysAt(path: Path): string[] {
  let at: unknown = schema;
  for (const step of path) {
    const inner = unwrap(at);
    at = inner instanceof z.ZodRecord ? inner.valueType : shapeOf(inner)[String(step)];
  }
  return Object.keys(shapeOf(at));
}

function shapeOf(type: unknown): Readonly<Record<string, unknown>> {
  const inner = unwrap(type);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function unwrap(type: unknown): unknown {
  let inner = type;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  )
    inner = inner.unwrap();
  return inner;
}

/** `value` without what stands at `path`; a list loses all of its elements, as their places count. */
function without(value: unknown, path: Path): unknown {
  const [step, ...further] = path;
  if (step === undefined || !isMapping(value)) return {};
  const { [String(step)]: held, ...others } = value;
  if (further.length === 0 || !isMapping(held)) return others;
  return { ...others, [String(step)]: without(held, further) };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
