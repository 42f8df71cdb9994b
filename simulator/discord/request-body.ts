import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

import type { Upload } from "./router.ts";

export interface RequestBody {
  readonly body: unknown;
  readonly files: readonly Upload[];
}

/** The JSON of a request and the files that came with it; text that is no JSON stays text. */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const raw = await buffer(request);
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data"))
    return { body: json(raw.toString("utf8")), files: [] };
  const form = await new Response(new Uint8Array(raw), {
    headers: { "content-type": type },
  }).formData();
  const files: Upload[] = [];
  for (const [key, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(key)?.[1];
    if (index === undefined || typeof value === "string") continue;
    files.push({
      index,
      name: value.name,
      type: value.type || "application/octet-stream",
      content: new Uint8Array(await value.arrayBuffer()),
    });
  }
  const payload = form.get("payload_json");
  return { body: typeof payload === "string" ? json(payload) : {}, files };
}

function json(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
