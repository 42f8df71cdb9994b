import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { Refusal } from "./refusal.ts";
import type { Method, Requests } from "./requests.ts";

/**
 * Holds requests to Slack's own argument types (request-schema.json) and to the lengths that the types do not tell.
 * Unlike Slack it refuses arguments that no type knows: a misspelt option must not pass unseen.
 */

type Schema = Readonly<Record<string, unknown>>;

const CHARACTERS = {
  updateText: 4000,
  markdown: 12_000,
  blocks: 13_200,
  section: 3000,
  title: 256,
};
const MAXIMUM = { blocks: 50, loadingMessages: 10, prompts: 4 };

export interface Validator {
  isMethod(name: string): name is Method;
  /** Form fields in the types that the schema wants, JSON where it wants more than text. */
  decodeForm(method: Method, form: URLSearchParams): Record<string, unknown>;
  /** Throws a Refusal for arguments that Slack would not take. */
  check<M extends Method>(method: M, args: Record<string, unknown>): Requests[M];
}

export function createValidator(): Validator {
  const schema = parseSchema(readFileSync(new URL("request-schema.json", import.meta.url), "utf8"));
  // The definitions say nothing of formats, and `required` beside `anyOf` is what the generator writes.
  const ajv = new Ajv({ allErrors: true, strict: false }).addSchema(schema, "requests");
  const validateOf = <M extends Method>(method: M): ValidateFunction<Requests[M]> | undefined =>
    ajv.getSchema<Requests[M]>(`requests#/properties/${method}`);

  return {
    isMethod: (name): name is Method => Object.hasOwn(objectOf(schema["properties"]), name),
    decodeForm(method, form) {
      const texts = textFieldsOf(schema, method);
      return Object.fromEntries(
        [...form].map(([name, value]) => [
          name,
          texts.has(name) ? value : (parsed(value) ?? value),
        ]),
      );
    },
    check(method, args) {
      checkContents(method, args);
      const validate = validateOf(method);
      if (validate === undefined) throw new Refusal("unknown_method");
      if (validate(args)) return args;
      const details = (validate.errors ?? []).map(
        (error) => `[ERROR] ${error.instancePath || "/"} ${error.message}`,
      );
      throw new Refusal("invalid_arguments", [...new Set(details)].slice(0, 10));
    },
  };
}

function checkContents(method: Method, args: Readonly<Record<string, unknown>>): void {
  const text = args["text"];
  const markdown = args["markdown_text"];
  const blocks = listOf(args["blocks"]);
  if (
    markdown !== undefined &&
    (text !== undefined || args["blocks"] !== undefined) &&
    method !== "chat.stopStream"
  ) {
    throw new Refusal("markdown_text_conflict");
  }
  const empty =
    !text && !markdown && args["blocks"] === undefined && args["attachments"] === undefined;
  if (
    empty &&
    (method === "chat.postMessage" || method === "chat.postEphemeral" || method === "chat.update")
  ) {
    throw new Refusal("no_text");
  }
  if (method === "chat.update" && lengthOf(text) > CHARACTERS.updateText)
    throw new Refusal("msg_too_long");
  if (lengthOf(markdown) > CHARACTERS.markdown) throw new Refusal("msg_too_long");
  checkBlocks(blocks);
  checkChunks(listOf(args["chunks"]));
  if (listOf(args["loading_messages"]).length > MAXIMUM.loadingMessages)
    throw new Refusal("invalid_arguments");
  if (listOf(args["prompts"]).length > MAXIMUM.prompts) throw new Refusal("invalid_arguments");
}

function checkBlocks(blocks: readonly Schema[]): void {
  if (blocks.length > MAXIMUM.blocks) throw new Refusal("invalid_blocks");
  const long = blocks.some(
    (block) =>
      block["type"] === "section" && lengthOf(objectOf(block["text"])["text"]) > CHARACTERS.section,
  );
  if (long) throw new Refusal("invalid_blocks");
  const markdown = blocks.filter((block) => block["type"] === "markdown");
  const total = (list: readonly Schema[]): number =>
    list.reduce(
      (sum, block) => sum + (lengthOf(block["text"]) || lengthOf(objectOf(block["text"])["text"])),
      0,
    );
  if (total(markdown) > CHARACTERS.markdown || total(blocks) > CHARACTERS.blocks) {
    throw new Refusal("msg_blocks_too_long");
  }
}

function checkChunks(chunks: readonly Schema[]): void {
  const text = chunks.reduce((sum, chunk) => sum + lengthOf(chunk["text"]), 0);
  if (text > CHARACTERS.markdown) throw new Refusal("msg_too_long");
  if (chunks.some((chunk) => lengthOf(chunk["title"]) > CHARACTERS.title))
    throw new Refusal("invalid_arguments");
  for (const chunk of chunks) checkBlocks(listOf(chunk["blocks"]));
}

/** The arguments that are text in every variant of the method's type. */
function textFieldsOf(schema: Schema, method: Method): ReadonlySet<string> {
  const reference = objectOf(objectOf(schema["properties"])[method])["$ref"];
  const name = typeof reference === "string" ? reference.slice("#/definitions/".length) : "";
  const definition = objectOf(objectOf(schema["definitions"])[name]);
  const variants = Array.isArray(definition["anyOf"])
    ? definition["anyOf"].map(objectOf)
    : [definition];
  const texts = new Set<string>(["token", "team_id"]);
  for (const variant of variants) {
    for (const [field, type] of Object.entries(objectOf(variant["properties"]))) {
      if (objectOf(type)["type"] === "string") texts.add(field);
    }
  }
  return texts;
}

function parseSchema(text: string): Schema {
  const value: unknown = JSON.parse(text);
  return objectOf(value);
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}

function listOf(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function objectOf(value: unknown): Schema {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
