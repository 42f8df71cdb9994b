import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import {
  ChainNodeParser,
  type CompletedConfig,
  createFormatter,
  createParser,
  createProgram,
  DEFAULT_CONFIG,
  type MutableParser,
  SchemaGenerator,
  type SubNodeParser,
} from "ts-json-schema-generator";

const REQUESTS = new URL("./requests.ts", import.meta.url);
const SCHEMA = new URL("./request-schema.json", import.meta.url);
const REFERENCE = "#/definitions/";

/** Adds `| undefined` to optional properties, which means nothing in JSON. */
const TRANSPARENT = "_AddUndefinedToPossiblyUndefinedPropertiesOfInterface";

/** The JSON Schema of `RequestBodies`, made from the installed discord-api-types. Takes about 2 s. */
export function makeSchema(): object {
  const config: CompletedConfig = {
    ...DEFAULT_CONFIG,
    path: fileURLToPath(REQUESTS),
    type: "RequestBodies",
    skipTypeCheck: true,
    jsDoc: "none",
  };
  const program = createProgram(config);
  const parser = createParser(program, config, (chain) => {
    chain.addNodeParser(transparent(chain));
  });
  const generator = new SchemaGenerator(program, parser, createFormatter(config), config);
  const { $ref = "", definitions = {} } = generator.createSchema("RequestBodies");
  return withPlainNames($ref, new Map(Object.entries(definitions)));
}

/**
 * Reads `TRANSPARENT<X>` as X. The alias is a mapped type that leaves primitives and arrays alone;
 * the generator would make empty objects of them.
 */
function transparent(chain: MutableParser): SubNodeParser {
  type Node = Parameters<SubNodeParser["supportsNode"]>[0];
  const childrenOf = (node: Node): readonly Node[] => {
    const children: Node[] = [];
    node.forEachChild((child) => void children.push(child));
    return children;
  };
  return {
    supportsNode: (node) => {
      const [name, argument, ...others] = childrenOf(node);
      if (name === undefined || argument === undefined || others.length > 0) return false;
      return name.pos >= 0 && name.getText() === TRANSPARENT;
    },
    createType: (node, context) => {
      const argument = childrenOf(node)[1];
      if (argument === undefined || !(chain instanceof ChainNodeParser)) {
        throw new Error("ts-json-schema-generator changed how its parsers are chained");
      }
      return chain.createType(argument, context);
    },
  };
}

/** Enums whose members are bits: Discord takes any sum of them. */
const FLAGS = /^\w+Flags$/;
const BITS = { type: "integer", minimum: 0 };

/** `T & {}`, as NonNullable writes it, says no more than T; the generator would have T be an empty object as well. */
function withoutEmpty(parts: unknown): object | undefined {
  if (!Array.isArray(parts)) return undefined;
  const empty = { type: "object", additionalProperties: false, properties: {} };
  const others = parts.filter((part: unknown) => !isDeepStrictEqual(part, empty));
  const only: unknown = others.length === 1 ? others[0] : undefined;
  return typeof only === "object" && only !== null ? only : undefined;
}

/** Names of instantiated generics hold hashes of file paths; here they count from the root on instead. */
function withPlainNames(root: string, definitions: ReadonlyMap<string, unknown>): object {
  const names = new Map<string, string>();
  const renamed = new Map<string, unknown>();
  const refer = (reference: string): string => {
    const name = decodeURIComponent(reference.slice(REFERENCE.length));
    let plain = names.get(name);
    if (plain === undefined) {
      plain = /^\w+$/.test(name) ? name : `${/^\w*/.exec(name)?.[0]}-${names.size}`;
      names.set(name, plain);
      renamed.set(plain, FLAGS.test(name) ? BITS : rename(definitions.get(name)));
    }
    return `${REFERENCE}${plain}`;
  };
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== "object" || value === null) return value;
    const only = "allOf" in value ? withoutEmpty(value.allOf) : undefined;
    return Object.fromEntries(
      Object.entries(only ?? value).map(([key, held]: [string, unknown]) => [
        key,
        key === "$ref" && typeof held === "string" ? refer(held) : rename(held),
      ]),
    );
  };
  return { $ref: refer(root), definitions: Object.fromEntries(renamed) };
}

/** `node simulator/discord/make-schema.ts`, after an upgrade of discord-api-types. */
if (import.meta.main) await writeFile(SCHEMA, `${JSON.stringify(makeSchema(), null, 2)}\n`);
