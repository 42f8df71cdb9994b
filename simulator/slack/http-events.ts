import { createHmac } from "node:crypto";
import type { Delivery, Post, Route } from "./delivery.ts";

/** Where signed requests go: a URL, or the function that would serve it. */
export type EventsTarget = string | ((request: Request) => Promise<Response>);

interface HttpEventsOptions {
  readonly signingSecret: string;
  readonly target: EventsTarget;
  /** Milliseconds that the app has for its answer. */
  readonly timeout: number;
  readonly post: () => Post;
  readonly signal: AbortSignal;
}

/** The Events API over HTTP: signed POSTs, and a 2xx within three seconds counts as received. */
export function createHttpEvents({
  signingSecret,
  target,
  timeout,
  post,
  signal,
}: HttpEventsOptions): Route {
  const call = async (delivery: Delivery, attempt: number, reason: string): Promise<void> => {
    const retry =
      attempt > 0 ? { "x-slack-retry-num": String(attempt), "x-slack-retry-reason": reason } : {};
    const request = signedRequest(signingSecret, bodyOf(delivery), {
      url: typeof target === "string" ? target : "http://simulator/slack/events",
      headers: { "content-type": contentTypeOf(delivery), ...retry },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    });
    try {
      const response = typeof target === "string" ? await fetch(request) : await target(request);
      const text = await response.text();
      if (response.ok) post().acknowledge(delivery.id, parsed(text));
      else post().failed(delivery.id, "http_error");
    } catch (error) {
      if (signal.aborted) return;
      const timedOut = error instanceof Error && error.name === "TimeoutError";
      post().failed(delivery.id, timedOut ? "http_timeout" : "connection_failed");
    }
  };
  return {
    send(delivery, attempt, reason) {
      void call(delivery, attempt, reason);
      return true;
    },
  };
}

/** A POST that carries Slack's v0 signature over its raw body. `at` is milliseconds since 1970. */
export function signedRequest(
  signingSecret: string,
  body: string,
  options: { url: string; headers?: Record<string, string>; at?: number; signal?: AbortSignal },
): Request {
  const timestamp = String(Math.floor((options.at ?? Date.now()) / 1000));
  const digest = createHmac("sha256", signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest("hex");
  return new Request(options.url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${digest}`,
      ...options.headers,
    },
    ...(options.signal !== undefined && { signal: options.signal }),
  });
}

function contentTypeOf({ type }: Delivery): string {
  return type === "events_api" ? "application/json" : "application/x-www-form-urlencoded";
}

function bodyOf({ type, payload }: Delivery): string {
  if (type === "events_api") return JSON.stringify(payload);
  if (type === "interactive")
    return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return new URLSearchParams(
    Object.entries(payload).map(([name, value]) => [name, String(value)]),
  ).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
