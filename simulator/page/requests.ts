import { z } from "zod";

import { BadRequest, type FileContent } from "./chat.ts";

/** Bytes of one request; files travel in base64, which makes them a third longer. */
const LONGEST = 16 * 1024 * 1024;

const id = z.string().min(1).max(200);
const text = z.string().max(100_000);

const File = z.object({
  name: z.string().min(1).max(255),
  type: z.string().max(255).default("application/octet-stream"),
  /** Base64. */
  content: z.base64(),
});

export const Say = z
  .object({
    room: id,
    person: id,
    text: text.default(""),
    thread: id.optional(),
    replyTo: id.optional(),
    files: z.array(File).max(10).default([]),
  })
  .refine((say) => say.text.trim() !== "" || say.files.length > 0, {
    path: ["text"],
    message: "write something, or attach a file",
  });

export const Edit = z.object({ message: id, person: id, text: text.min(1) });
export const Remove = z.object({ message: id, person: id });

/** The request's JSON, checked. Throws a BadRequest that says what is wrong with it. */
export async function read<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? ""))
    throw new BadRequest("Send JSON, with the content type application/json.", 415);
  const result = schema.safeParse(parseJson(await bodyOf(request)));
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new BadRequest(`${faults.join("; ")}.`);
}

export function contentOf({ name, type, content }: z.infer<typeof File>): FileContent {
  return { name, type, content: new Uint8Array(Buffer.from(content, "base64")) };
}

async function bodyOf(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let body = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LONGEST)
      throw new BadRequest(
        `One message holds at most ${LONGEST / 1024 / 1024} MB with its files.`,
        413,
      );
    body += decoder.decode(chunk, { stream: true });
  }
  return body + decoder.decode();
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new BadRequest("The request's body is no JSON.");
  }
}
