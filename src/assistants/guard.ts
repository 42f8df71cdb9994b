import { Hono } from "hono";

import { requireApiKey } from "./api-keys.ts";
import type { AssistantsServer } from "./server.ts";

/** /v1 as it is served over HTTP: for those who hold a key; without any key it is closed. */
export function guard(
  server: Pick<AssistantsServer, "fetch">,
  keys: readonly string[],
): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  if (keys.length === 0) app.all("*", () => Response.json({ error: CLOSED }, { status: 401 }));
  else app.use(requireApiKey(keys)).all("*", (c) => server.fetch(c.req.raw));
  return app.fetch;
}

const CLOSED = {
  message: "This server's /v1 is closed over HTTP: set API_KEYS to open it.",
  type: "invalid_request_error",
  param: null,
  code: "invalid_api_key",
};
