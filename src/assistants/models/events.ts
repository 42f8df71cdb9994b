import { APIError, type OpenAI } from "openai";
import { Stream } from "openai/core/streaming";
import { z } from "zod";

import { explainFailure } from "./failure.ts";
import { ModelFailed } from "./model.ts";

export interface Exchange {
  readonly client: OpenAI;
  /** Sends the request; resolves with the headers. */
  readonly send: (signal: AbortSignal) => Promise<Response>;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which the answer has stalled; asked before every read. */
  readonly silence: () => number;
}

/** One event of a streamed answer, or the whole answer where the endpoint does not stream. */
export interface WireEvent {
  readonly name: string | undefined;
  readonly data: unknown;
}

const sse = z.object({ event: z.string().nullish(), data: z.unknown().optional() });
const failure = z.object({ error: z.union([z.string().min(1), z.looseObject({})]) });

/**
 * Sends one request and yields what comes back, parsed from JSON and not yet checked.
 * Throws ModelFailed for every failure, and the signal's reason once it is aborted.
 */
export async function* readEvents({
  client,
  send,
  signal,
  silence,
}: Exchange): AsyncGenerator<WireEvent> {
  const left = new AbortController();
  try {
    signal.throwIfAborted();
    const response = await send(AbortSignal.any([signal, left.signal]));
    const body = watch(response.body, silence);
    // Bytes are watched here and not events, because comments that keep a connection alive never become events.
    const watched = new Response(body, { headers: response.headers });
    if (isJson(response)) {
      yield { name: undefined, data: refuseFailure(await watched.json(), response.headers) };
    } else {
      for await (const event of Stream.fromSSEResponse(watched, left, client, true)) {
        const { event: name, data } = sse.parse(event);
        yield { name: name ?? undefined, data };
      }
    }
    // The SDK ends an aborted stream without a word.
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw explainFailure(error);
  } finally {
    left.abort();
  }
}

function isJson(response: Response): boolean {
  return /^application\/([\w.+-]+\+)?json\b/i.test(response.headers.get("content-type") ?? "");
}

function refuseFailure(data: unknown, headers: Headers): unknown {
  const failed = failure.safeParse(data);
  if (!failed.success) return data;
  const { error } = failed.data;
  throw new APIError(
    undefined,
    typeof error === "string" ? { message: error } : error,
    undefined,
    headers,
  );
}

/** Only the wait for bytes is timed: a reader that takes its time never makes an answer stall. */
function watch(
  body: ReadableStream<Uint8Array> | null,
  silence: () => number,
): ReadableStream<Uint8Array> | null {
  if (body === null) return null;
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const timer = setTimeout(() => {
          controller.error(
            new ModelFailed("The model endpoint went silent in the middle of the answer.", {
              code: "server_error",
              passing: true,
            }),
          );
          reader.cancel().catch(() => undefined);
        }, silence());
        try {
          const { value, done } = await reader.read();
          clearTimeout(timer);
          if (value !== undefined) controller.enqueue(value);
          if (done) controller.close();
        } finally {
          clearTimeout(timer);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Parses one event by a tolerant schema; what does not even fit that is no answer. */
export function parseAs<Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new ModelFailed(
    "The model endpoint sent something that is not an answer of a model.",
    { code: "server_error", passing: true },
    { cause: parsed.error },
  );
}
