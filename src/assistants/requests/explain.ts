import type { z } from "zod";

import { type ApiError, refuse } from "../errors.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Says in the hosted API's words what is wrong with a request; `input` is the request as it came. */
export function explain(issue: Issue, input: unknown): ApiError {
  const param = nameOf(issue.path);
  const value = valueAt(input, issue.path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const unknown = nameOf([...issue.path, ...issue.keys.slice(0, 1)]);
      return refuse(`Unknown parameter: '${unknown}'.`, {
        param: unknown,
        code: "unknown_parameter",
      });
    }
    case "invalid_type":
      return value === undefined ? missing(param) : wrongType(param, [issue.expected], value);
    case "invalid_value":
      return value === undefined ? missing(param) : wrongValue(param, issue.values, value);
    case "too_big":
      return tooBig(issue, param, value);
    case "too_small":
      return tooSmall(issue, param, value);
    case "invalid_format":
      return refuse(
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${patternOf(issue)}'.`,
        { param, code: "invalid_value" },
      );
    case "invalid_union":
      return ofUnion(issue, input);
    case "invalid_key":
      return refuse(
        `Invalid '${nameOf(issue.path.slice(0, -1))}': property name too long. Expected names with maximum length 64.`,
        { param: nameOf(issue.path.slice(0, -1)), code: "property_name_above_max_length" },
      );
    default:
      return refuse(issue.message, { param, ...codeOf(issue) });
  }
}

/** `tools[0].function.name` */
function nameOf(path: Path): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}

function missing(param: string): ApiError {
  return refuse(`Missing required parameter: '${param}'.`, {
    param,
    code: "missing_required_parameter",
  });
}

function wrongType(param: string, expected: readonly string[], value: unknown): ApiError {
  const wanted = expected.map((name) => withArticle(name)).join(" or ");
  const what = param === "" ? "the request body" : `'${param}'`;
  return refuse(
    `Invalid type for ${what}: expected ${wanted}, but got ${withArticle(kindOf(value))} instead.`,
    { param, code: "invalid_type" },
  );
}

function wrongValue(param: string, allowed: readonly unknown[], value: unknown): ApiError {
  const names = allowed.map((name) => `'${String(name)}'`);
  const last = names.pop() ?? "";
  const list =
    names.length === 0 ? last : `${names.join(", ")}${names.length > 1 ? "," : ""} and ${last}`;
  const given = typeof value === "string" ? value : JSON.stringify(value);
  return refuse(`Invalid value: '${given}'. Supported values are: ${list}.`, {
    param,
    code: "invalid_value",
  });
}

function tooBig(issue: z.core.$ZodIssueTooBig, param: string, value: unknown): ApiError {
  const limit = Number(issue.maximum);
  if (issue.origin === "string" || issue.origin === "array") {
    const kind = issue.origin;
    return refuse(
      `Invalid '${param}': ${kind} too long. Expected ${withArticle(kind)} with maximum length ${limit}, but got ${withArticle(kind)} with length ${lengthOf(value)} instead.`,
      { param, code: `${kind}_above_max_length` },
    );
  }
  const kind = numberKind(value);
  return refuse(
    `Invalid '${param}': ${kind} above maximum value. Expected a value <= ${limit}, but got ${String(value)} instead.`,
    { param, code: `${kind}_above_max_value` },
  );
}

function tooSmall(issue: z.core.$ZodIssueTooSmall, param: string, value: unknown): ApiError {
  const limit = Number(issue.minimum);
  if (issue.origin === "string" || issue.origin === "array") {
    const kind = issue.origin;
    return refuse(
      `Invalid '${param}': empty ${kind}. Expected ${withArticle(kind)} with minimum length ${limit}, but got an empty ${kind} instead.`,
      { param, code: `empty_${kind}` },
    );
  }
  const kind = numberKind(value);
  return refuse(
    `Invalid '${param}': ${kind} below minimum value. Expected a value >= ${limit}, but got ${String(value)} instead.`,
    { param, code: `${kind}_below_min_value` },
  );
}

/** Of several forms that a value may have, the one that it comes closest to is explained. */
function ofUnion(issue: z.core.$ZodIssueInvalidUnion, input: unknown): ApiError {
  const value = valueAt(input, issue.path);
  const param = nameOf(issue.path);
  if (issue.errors.length === 0) {
    const allowed = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
    return value === undefined ? missing(param) : wrongValue(param, allowed, value);
  }
  if (value === undefined) return missing(param);
  const firsts = issue.errors.flatMap((branch) => branch.slice(0, 1));
  const inside = firsts.find(
    (first) => first.path.length > 0 || first.code === "unrecognized_keys",
  );
  const valued = firsts.find((first) => first.code === "invalid_value");
  const other = firsts.find((first) => first.code !== "invalid_type");
  const closest = inside ?? (typeof value === "string" ? valued : undefined) ?? other;
  if (
    closest !== undefined &&
    (closest === inside || closest !== valued || typeof value === "string")
  ) {
    return explain({ ...closest, path: [...issue.path, ...closest.path] }, input);
  }
  const expected = firsts.flatMap((first) =>
    first.code === "invalid_type"
      ? [first.expected]
      : first.code === "invalid_value"
        ? ["string"]
        : [],
  );
  return wrongType(param, expected, value);
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" ? numberKind(value) : typeof value;
}

function numberKind(value: unknown): "integer" | "decimal" {
  // In a query numbers are text.
  return Number.isInteger(Number(value)) ? "integer" : "decimal";
}

function withArticle(kind: string): string {
  const name = kind === "int" ? "integer" : kind === "record" ? "object" : kind;
  if (name === "null") return name;
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}

function patternOf(issue: z.core.$ZodIssueInvalidStringFormat): string {
  return (issue.pattern ?? issue.format).replace(/^\/|\/[a-z]*$/g, "");
}

function codeOf(issue: Issue): { code?: string } {
  const code: unknown = issue.code === "custom" ? issue.params?.["code"] : undefined;
  return typeof code === "string" ? { code } : {};
}
