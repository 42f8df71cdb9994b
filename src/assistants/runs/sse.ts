import type { RunEvent, Subscription } from "./events.ts";

/**
 * A run's events as server-sent events, in the hosted API's exact form. Events are encoded when the client
 * asks for more, so a slow client costs memory, never the run's time. A client that leaves only ends its reading.
 */
export function streamEvents(subscription: Subscription, signal: AbortSignal): Response {
  const encoder = new TextEncoder();
  const leave = (): void => subscription[Symbol.dispose]();
  // In process there is no socket whose end would cancel the body.
  signal.addEventListener("abort", leave, { once: true });
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const events = await subscription.next();
        if (signal.aborted) {
          controller.error(signal.reason);
          return;
        }
        if (events.length > 0) {
          controller.enqueue(encoder.encode(events.map(frame).join("")));
          return;
        }
        controller.enqueue(encoder.encode("event: done\ndata: [DONE]\n\n"));
        controller.close();
        signal.removeEventListener("abort", leave);
        leave();
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      // Reverse proxies would otherwise hold events back until a buffer is full.
      "x-accel-buffering": "no",
    },
  });
}

function frame({ event, data }: RunEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
