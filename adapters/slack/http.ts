import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Process } from "./receiver.ts";

/** POST /slack/events: events, commands and interactivity, each signed by Slack over its raw body. */

interface HttpOptions {
  readonly signingSecret: string;
  readonly process: Process;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Seconds that a request may be old, or ahead of our clock: Slack's own recommendation against replays. */
const WINDOW = 300;
/** Bytes; Slack's payloads stay far below. */
const LARGEST_BODY = 1024 * 1024;

const Headers = z.object({
  timestamp: z.string().regex(/^\d{1,12}$/),
  signature: z.string().regex(/^v0=[0-9a-f]{64}$/),
});
const Body = z.record(z.string(), z.unknown());
/** Deliveries that ask for no answer; app_rate_limited says that Slack held events back. */
const EVENT_TYPES: ReadonlySet<unknown> = new Set(["event_callback", "app_rate_limited"]);
const Challenge = z.object({ type: z.literal("url_verification"), challenge: z.string() });

export function createHttpHandler({
  signingSecret,
  process,
  now,
}: HttpOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== "POST")
      return new Response(null, { status: 405, headers: { allow: "POST" } });
    const raw = await readBody(request);
    if (raw === undefined) return new Response(null, { status: 413 });
    if (!isSigned(request.headers, raw, signingSecret, now()))
      return new Response(null, { status: 401 });
    const body = parseBody(request.headers.get("content-type") ?? "", raw.toString());
    if (body === undefined) return new Response(null, { status: 400 });
    const challenge = Challenge.safeParse(body);
    if (challenge.success) return Response.json({ challenge: challenge.data.challenge });
    if (body["ssl_check"] !== undefined) return new Response(null, { status: 200 });
    return deliver(process, request.headers, body);
  };
}

/**
 * Answers as soon as the delivery is acknowledged, which a command may be before it is done. Without an
 * acknowledgement it is 503, and after that Slack delivers again.
 */
async function deliver(
  process: Process,
  headers: Headers,
  body: Record<string, unknown>,
): Promise<Response> {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const retryNum = Number(headers.get("x-slack-retry-num") ?? Number.NaN);
  const processed = process({
    isEvent: EVENT_TYPES.has(body["type"]),
    body,
    retryNum: Number.isNaN(retryNum) ? undefined : retryNum,
    retryReason: headers.get("x-slack-retry-reason") ?? undefined,
    acknowledge: async (answer) =>
      resolve(answer === undefined ? new Response(null, { status: 200 }) : Response.json(answer)),
  });
  return Promise.race([promise, processed.then(() => new Response(null, { status: 503 }))]);
}

function isSigned(headers: Headers, raw: Buffer, signingSecret: string, now: number): boolean {
  const parsed = Headers.safeParse({
    timestamp: headers.get("x-slack-request-timestamp"),
    signature: headers.get("x-slack-signature"),
  });
  if (!parsed.success) return false;
  const { timestamp, signature } = parsed.data;
  if (Math.abs(now / 1000 - Number(timestamp)) > WINDOW) return false;
  const digest = createHmac("sha256", signingSecret)
    .update(`v0:${timestamp}:`)
    .update(raw)
    .digest("hex");
  return timingSafeEqual(Buffer.from(signature), Buffer.from(`v0=${digest}`));
}

/** Events are JSON; commands are form fields; interactivity is JSON in the form field `payload`. */
function parseBody(contentType: string, raw: string): Record<string, unknown> | undefined {
  const json = contentType.includes("application/json")
    ? raw
    : new URLSearchParams(raw).get("payload");
  if (json === null) return Object.fromEntries(new URLSearchParams(raw));
  try {
    return Body.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

async function readBody(request: Request): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
