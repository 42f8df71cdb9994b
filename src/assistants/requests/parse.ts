import { z } from "zod";

import { ApiError, refuse } from "../errors.ts";
import { explain } from "./explain.ts";

/** Bytes of a request's body. The largest lawful one, an assistant with 128 long functions, stays far below. */
const BODY_LIMIT = 32 * 1024 * 1024;

/** Reads a JSON body; an empty one counts as an object without properties. Throws ApiError. */
export async function parseBody<S extends z.ZodType>(
  request: Request,
  schema: S,
): Promise<z.output<S>> {
  if (Number(request.headers.get("content-length") ?? 0) > BODY_LIMIT) throw tooLarge();
  const text = await request.text();
  if (text.length > BODY_LIMIT) throw tooLarge();
  return parse(schema, text.trim() === "" ? {} : jsonOf(text));
}

/** Reads the query; names that end in `[]` collect their values, others take the last. */
export function parseQuery<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    const before = query[name];
    query[name] = name.endsWith("[]") ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return parse(schema, query);
}

function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw first === undefined ? refuse(result.error.message) : explain(first, input);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The API expects a JSON payload, but what was sent was not valid JSON.)",
    );
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, `The request's body is larger than ${BODY_LIMIT} bytes.`);
}

const limit = z
  .preprocess(
    (value) => (typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value),
    z.int().min(1).max(100),
  )
  .default(20);

/** What every list understands. */
export const listQuery = {
  limit,
  order: z.enum(["asc", "desc"]).default("desc"),
  after: z.string().min(1).optional(),
  before: z.string().min(1).optional(),
};

export interface ListQuery {
  readonly limit: number;
  readonly order: "asc" | "desc";
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}
