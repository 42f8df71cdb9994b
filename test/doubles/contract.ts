import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { z } from "zod";

/** The published OpenAPI document of the Assistants API, as a judge over what our server says. */
export interface Contract {
  /** Every operation on assistants and threads, as `GET /threads/{thread_id}`. */
  readonly operations: readonly string[];
  /** Why the answer breaks the contract; empty where it keeps it. `path` is below the API's base. */
  checkAnswer(method: string, path: string, status: number, body: unknown): string[];
  checkEvent(name: string, data: unknown): string[];
}

/** The folder of the published documents; undefined where this machine has none. */
export const specDir = process.env["SPEC_DIR"] || undefined;

const schema = z.record(z.string(), z.unknown());
const operation = z.looseObject({
  responses: z.looseObject({
    "200": z.looseObject({
      content: z.looseObject({ "application/json": z.looseObject({ schema }).optional() }),
    }),
  }),
});
const openApi = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
const streamEvent = z.looseObject({
  properties: z.looseObject({ event: z.looseObject({ enum: z.array(z.string()) }) }),
});
const oneEvent = z.union([
  streamEvent.transform((one) => [one]),
  z.looseObject({ oneOf: z.array(streamEvent) }).transform(({ oneOf }) => oneOf),
]);

const EVENTS = /(Thread|Run|RunStep|Message)StreamEvent$|^(Error|Done)Event$/;
const ID = "https://contract.example/openapi";

/** Reads the document in SPEC_DIR. Throws where SPEC_DIR is set and has none. */
export function readContract(): Contract | undefined {
  if (specDir === undefined) return undefined;
  const file = join(specDir, "assistants-openapi.yaml");
  if (!existsSync(file)) throw new Error("SPEC_DIR holds no assistants-openapi.yaml.");
  const document = openApi.parse(withoutNullable(parse(readFileSync(file, "utf8"))));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ ...document, $id: ID });
  const compiled = new Map<string, ValidateFunction>();

  function check(pointer: string, value: unknown): string[] {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `${ID}#${pointer}` });
    compiled.set(pointer, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath || "/"} ${message} ${JSON.stringify(params)}`,
    );
  }

  const operations = Object.entries(document.paths)
    .filter(([path]) => /^\/(assistants|threads)/.test(path))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method })));
  const events = eventPointers(document.components.schemas);

  return {
    operations: operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`),
    checkAnswer(method, path, status, body) {
      if (status >= 400) return check("/components/schemas/ErrorResponse", body);
      const found = operations.find(
        (one) => one.method === method.toLowerCase() && patternOf(one.path).test(path),
      );
      if (found === undefined) return ["the contract knows no such operation"];
      const at = ["paths", found.path, found.method, "responses", "200", "content"];
      return check(pointerOf([...at, "application/json", "schema"]), body);
    },
    checkEvent(name, data) {
      const pointer = events.get(name);
      return pointer === undefined
        ? ["the contract knows no such event"]
        : check(pointer, { event: name, data });
    },
  };
}

/** Where the document describes each event: in a schema of its own, or as one of several. */
function eventPointers(schemas: Readonly<Record<string, unknown>>): Map<string, string> {
  const pointers = new Map<string, string>();
  for (const [name, described] of Object.entries(schemas)) {
    if (!EVENTS.test(name)) continue;
    const variants = oneEvent.parse(described);
    const single = typeof described === "object" && described !== null && "properties" in described;
    for (const [index, variant] of variants.entries()) {
      const pointer = `/components/schemas/${name}${single ? "" : `/oneOf/${index}`}`;
      for (const event of variant.properties.event.enum) pointers.set(event, pointer);
    }
  }
  return pointers;
}

/** Literal paths come before templates in the document: /threads/runs before /threads/{thread_id}. */
function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}

function pointerOf(parts: readonly string[]): string {
  return parts
    .map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1"))
    .map((part) => `/${encodeURIComponent(part)}`)
    .join("");
}

/** `nullable` is OpenAPI 3.0's word, used in this 3.1 document all the same; a validator needs the null spelled out. */
function withoutNullable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutNullable);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).map(
    ([key, value]) => [key, withoutNullable(value)] as const,
  );
  const rest = Object.fromEntries(entries.filter(([key]) => key !== "nullable"));
  const isNullable = ("nullable" in node && node.nullable === true) || allowsNullBeside(node);
  return isNullable ? { anyOf: [rest, { type: "null" }] } : rest;
}

/** `allOf: [X, {nullable: true}]` says that X may be null. */
function allowsNullBeside(node: object): boolean {
  if (!("allOf" in node) || !Array.isArray(node.allOf)) return false;
  return node.allOf.some((part: unknown) => JSON.stringify(part) === '{"nullable":true}');
}
