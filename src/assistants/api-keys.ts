import { createHash, timingSafeEqual } from "node:crypto";

import type { MiddlewareHandler } from "hono";

import { ApiError } from "./errors.ts";

/** Lets pass what carries one of the keys as `Authorization: Bearer …`; all else gets OpenAI's 401 answers. */
export function requireApiKey(keys: readonly string[]): MiddlewareHandler {
  const digests = keys.map(digest);
  return async (context, next) => {
    const given = /^Bearer +(\S+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
    const refusal = given === undefined ? missing() : isKnown(given) ? undefined : wrong();
    if (refusal !== undefined) return context.json({ error: refusal.body }, 401);
    await next();
    return undefined;
  };

  /** Digests have one length, and all of them are compared, so the time taken says nothing about the keys. */
  function isKnown(key: string): boolean {
    const candidate = digest(key);
    return digests.filter((known) => timingSafeEqual(known, candidate)).length > 0;
  }
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function missing(): ApiError {
  return new ApiError(
    401,
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
  );
}

function wrong(): ApiError {
  return new ApiError(401, "Incorrect API key provided.", { code: "invalid_api_key" });
}
