import type { Body, Operation, Validate } from "./validate.ts";

/** A file that came with a request, `files[n]` of a multipart body. */
export interface Upload {
  /** The n of `files[n]`. */
  readonly index: string;
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array;
}

export interface Call<Form> {
  readonly body: Form;
  readonly query: URLSearchParams;
  readonly files: readonly Upload[];
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON; without it the answer has neither a body nor a content type, as Discord's 204 has. */
  readonly body?: unknown;
}

/** The path's `:id`, `:token` and `:emoji` parts follow the call. */
export type Handle<Form> = (call: Call<Form>, ...ids: string[]) => Answer;

export interface Route {
  /** `POST /channels/:id/messages` */
  readonly operation: string;
  /** The path's variable parts, or undefined where the request is not this route's. */
  match(method: string, path: string): string[] | undefined;
  readonly handle: Handle<unknown>;
}

const PARTS: Readonly<Record<string, string>> = {
  id: String.raw`(\d{17,20})`,
  token: "([^/]+)",
  emoji: "([^/]+)",
};

/** A route whose requests have no body that matters. */
export function plain(operation: string, handle: Handle<unknown>): Route {
  const [method = "", path = ""] = operation.split(" ");
  const pattern = new RegExp(
    `^${path.replaceAll(/:(\w+)/g, (_, part: string) => PARTS[part] ?? "")}$`,
  );
  return {
    operation,
    match: (asked, where) => (asked === method ? pattern.exec(where)?.slice(1) : undefined),
    handle,
  };
}

/** A route whose bodies are held to the platform's types before anything happens. */
export function bodied<K extends Operation>(
  validate: Validate,
  operation: K,
  handle: Handle<Body<K>>,
): Route {
  return plain(operation, (call, ...ids) =>
    handle({ ...call, body: validate(operation, call.body) }, ...ids),
  );
}
