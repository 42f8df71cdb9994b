import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";

/**
 * Makes request-schema.json from the argument types of the installed @slack/web-api, for the methods in requests.ts.
 * After an update of that package: `node simulator/slack/make-schema.ts && oxfmt simulator/slack`; a test says when.
 */

type Definition = Readonly<Record<string, unknown>>;

export interface RequestSchema {
  readonly properties: Readonly<Record<string, { readonly $ref: string }>>;
  readonly definitions: Readonly<Record<string, Definition>>;
}

const SOURCE = new URL("requests.ts", import.meta.url);
const TARGET = new URL("request-schema.json", import.meta.url);

export async function makeSchema(): Promise<RequestSchema> {
  const source = await readFile(SOURCE, "utf8");
  const types = [...source.matchAll(/^ {2}"(?<method>[\w.]+)": (?<type>\w+);$/gm)].map(
    ({ groups }) => ({
      method: groups?.["method"] ?? "",
      type: groups?.["type"] ?? "",
    }),
  );
  const definitions = definitionsOf(types.map(({ type }) => type));
  return {
    properties: Object.fromEntries(
      types.map(({ method, type }) => [method, { $ref: `#/definitions/${type}` }]),
    ),
    definitions: Object.fromEntries(
      [...definitions]
        .filter(([name]) => !isOptionalArgument(name))
        .map(([name, definition]) => [name, withoutUndefined(definition, definitions)]),
    ),
  };
}

/** One type at a time: taken together, interfaces of one name (`Channel`) from several files are refused. */
function definitionsOf(types: readonly string[]): Map<string, Definition> {
  const generator = createGenerator({
    path: fileURLToPath(SOURCE),
    expose: "export",
    jsDoc: "none",
    additionalProperties: false,
    skipTypeCheck: true,
  });
  const definitions = new Map<string, Definition>();
  for (const type of types) {
    for (const [name, definition] of Object.entries(
      generator.createSchema(type).definitions ?? {},
    )) {
      const plain: unknown = JSON.parse(JSON.stringify(definition));
      const known = definitions.get(name);
      if (!isDefinition(plain)) throw new Error(`${name} has no schema.`);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(plain)) {
        throw new Error(`Two types are called ${name}: the schema would mix them up.`);
      }
      definitions.set(name, plain);
    }
  }
  return definitions;
}

/** `OptionalArgument<T>` is `T | undefined` under a name that depends on paths; a request always has a body, so T remains. */
function withoutUndefined(
  definition: Definition,
  definitions: ReadonlyMap<string, Definition>,
): Definition {
  const reference = definition["$ref"];
  if (typeof reference !== "string") return definition;
  const name = decodeURIComponent(reference.slice("#/definitions/".length));
  const branches: unknown = definitions.get(name)?.["anyOf"];
  if (!isOptionalArgument(name) || !Array.isArray(branches)) return definition;
  const argument: unknown = branches[0];
  return isDefinition(argument) ? argument : definition;
}

function isOptionalArgument(name: string): boolean {
  return name.startsWith("OptionalArgument<");
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === "object" && value !== null;
}

if (import.meta.main) await writeFile(TARGET, JSON.stringify(await makeSchema(), null, 2));
