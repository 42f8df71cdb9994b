import type { OpenAI } from "openai";

import { readEvents } from "./events.ts";
import type { Model } from "./model.ts";
import { createAnswer, unfinished } from "./responses-answer.ts";
import { finalOf, readEvent } from "./responses-events.ts";
import { responsesBody } from "./responses-request.ts";

export interface ResponsesOptions {
  readonly client: OpenAI;
  /** Milliseconds without a byte after which an answer has stalled; 120,000 where not given. */
  readonly idleTimeout?: number | undefined;
}

/** OpenAI's Responses API, streamed and stateless: POST {baseURL}/responses. */
export function createResponsesModel({ client, idleTimeout = 120_000 }: ResponsesOptions): Model {
  return {
    async *stream(request, signal) {
      const answer = createAnswer();
      const events = readEvents({
        client,
        send: (both) =>
          client.responses
            .create(responsesBody(request), { signal: both, maxRetries: 0 })
            .asResponse(),
        signal,
        silence: () => idleTimeout,
      });
      for await (const wire of events) {
        const { type, told } = readEvent(wire);
        const final = finalOf(type, told);
        if (final === undefined) yield* answer.add(type, told);
        else {
          yield* answer.end(type, final);
          return;
        }
      }
      throw unfinished(
        answer.started
          ? "The model endpoint ended its answer in the middle."
          : "The model endpoint sent an empty answer.",
      );
    },
  };
}
