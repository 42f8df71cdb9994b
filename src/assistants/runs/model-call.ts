import { setTimeout as delay } from "node:timers/promises";

import { type Model, type ModelEvent, ModelFailed, type ModelRequest } from "../models/model.ts";

/** How often a call is tried again, and the milliseconds from its beginning within which a new try may start. */
const RETRIES = 2;
const RETRY_WITHIN = 15_000;
const FIRST_PAUSE = 500;

/**
 * The model's events, ending with `end`. A passing failure is tried again as long as nothing has come; after
 * that it is final. Throws ModelFailed, or the signal's reason, at once, even if the model does not heed the signal.
 */
export async function* callModel(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const until = performance.now() + RETRY_WITHIN;
  for (let failures = 0; ; failures++) {
    let begun = false;
    try {
      for await (const event of heeding(signal, model.stream(request, signal))) {
        begun = true;
        yield event;
        if (event.type === "end") return;
      }
      throw new ModelFailed("The model's answer broke off.", {
        code: "server_error",
        passing: true,
      });
    } catch (error) {
      signal.throwIfAborted();
      const passing = error instanceof ModelFailed && error.passing && !begun && failures < RETRIES;
      if (!passing) throw error;
      const pause = error.retryAfter ?? FIRST_PAUSE * 2 ** failures;
      if (performance.now() + pause > until) throw error;
      await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** The stream, but an abort ends the waiting for its next element. */
async function* heeding<T>(signal: AbortSignal, stream: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  let interrupt: ((reason: unknown) => void) | undefined;
  const aborted = (): void => interrupt?.(signal.reason);
  signal.addEventListener("abort", aborted);
  try {
    for (;;) {
      signal.throwIfAborted();
      const result = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = reject;
        iterator.next().then(resolve, reject);
      });
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", aborted);
    // Not awaited: a model that does not heed the signal would hold up the run that was cancelled.
    iterator.return?.().catch(() => {});
  }
}
