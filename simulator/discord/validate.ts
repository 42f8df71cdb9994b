import { readFileSync } from "node:fs";

import { Ajv, type AsyncValidateFunction, type ErrorObject, type ValidateFunction } from "ajv";

import { refuseForm } from "./refusal.ts";
import type { RequestBodies } from "./requests.ts";

export type Operation = keyof RequestBodies;

/** What JSON can carry of a type: an optional key is there or not, and never undefined. */
type Carried<T> = T extends string | number | boolean | null
  ? T
  : { [K in keyof T]: Carried<Exclude<T[K], undefined>> };

export type Body<K extends Operation> = Carried<RequestBodies[K]>;

/**
 * discord.js fills these into every message payload, edits and interaction answers too, and Discord takes
 * them without a word; its types list them for creates only.
 */
const MESSAGE_FIELDS = ["tts", "nonce", "enforce_nonce"];

/** discord.js says which type of thread it wants also where Discord leaves no choice. */
const THREAD_FIELDS = ["type"];

const TOLERATED: Readonly<Partial<Record<Operation, readonly string[]>>> = {
  "PATCH /channels/:id/messages/:id": MESSAGE_FIELDS,
  "POST /channels/:id/messages/:id/threads": THREAD_FIELDS,
  "POST /interactions/:id/:token/callback": MESSAGE_FIELDS,
  "PATCH /webhooks/:id/:token/messages/@original": MESSAGE_FIELDS,
  "POST /webhooks/:id/:token": MESSAGE_FIELDS,
  "PATCH /webhooks/:id/:token/messages/:id": MESSAGE_FIELDS,
};

/** The body, proven to fit the platform's types; throws a refusal that says where it does not. */
export type Validate = <K extends Operation>(operation: K, body: unknown) => Body<K>;

/** Compiles the committed schema, operation by operation, when an operation is first asked for. */
export function createValidate(): Validate {
  const schema: object = JSON.parse(
    readFileSync(new URL("./request-schema.json", import.meta.url), "utf8"),
  );
  const ajv = new Ajv({ strict: false }).addSchema(schema, "requests");

  return function validate<K extends Operation>(operation: K, body: unknown): Body<K> {
    const pointer = encodeURIComponent(operation.replaceAll("/", "~1"));
    const check = ajv.getSchema<Body<K>>(
      `requests#/definitions/RequestBodies/properties/${pointer}`,
    );
    if (check === undefined) throw new Error(`request-schema.json lacks ${operation}`);
    const judged = without(body, TOLERATED[operation] ?? []);
    if (accepts<Body<K>>(check, judged)) return judged;
    throw refusalOf(check.errors ?? []);
  };
}

/** Only a schema with `$async` would answer with a promise, and ours has none. */
function accepts<T>(
  check: ValidateFunction<T> | AsyncValidateFunction<T>,
  body: unknown,
): body is T {
  return check(body) === true;
}

/** The form without these keys; an interaction's answer has them in `data`. */
function without(form: unknown, keys: readonly string[]): unknown {
  if (typeof form !== "object" || form === null || Array.isArray(form)) return form;
  const entries = Object.entries(form)
    .filter(([key]) => !keys.includes(key))
    .map(([key, value]): [string, unknown] => [key, key === "data" ? without(value, keys) : value]);
  return Object.fromEntries(entries);
}

function refusalOf(errors: readonly ErrorObject[]): Error {
  const first = errors[0];
  const path = first?.instancePath.split("/").filter((key) => key !== "") ?? [];
  const extra: unknown = first?.params["additionalProperty"];
  const where = typeof extra === "string" ? [...path, extra] : path;
  return refuseForm(where, "SCHEMA", first?.message ?? "does not fit the platform's types");
}
