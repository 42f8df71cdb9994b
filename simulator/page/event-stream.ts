import type { Journal, Numbered } from "./journal.ts";

/** Bytes that may wait for a reader that does not keep up, before it is cut off; it comes back and catches up. */
const PATIENCE = 4 * 1024 * 1024;
/** Milliseconds after which a browser that lost the stream comes back. */
const RETRY = 1_000;

/**
 * The journal as server-sent events. With the id of the last event that the browser saw it gets what it missed,
 * else one `snapshot` of everything; then whatever happens, until either side ends it or `signal` aborts.
 */
export function streamEvents(
  journal: Journal,
  snapshot: () => unknown,
  lastEventId: string | null,
  signal: AbortSignal,
): Response {
  const encoder = new TextEncoder();
  let stop: (() => void) | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (): void => {
          stop?.();
          controller.close();
        };
        const send = (text: string): void => {
          controller.enqueue(encoder.encode(text));
          if ((controller.desiredSize ?? 0) <= 0) end();
        };
        const unlisten = journal.listen((numbered) => send(textOf(numbered)));
        stop = () => {
          unlisten();
          signal.removeEventListener("abort", end);
        };
        if (signal.aborted) return end();
        signal.addEventListener("abort", end, { once: true });
        const missed = lastEventId === null ? undefined : journal.since(lastEventId);
        const first =
          missed === undefined
            ? `id: ${journal.last}\nevent: snapshot\ndata: ${JSON.stringify(snapshot())}\n\n`
            : missed.map(textOf).join("");
        // A stream without a single byte would not count as open.
        controller.enqueue(encoder.encode(`retry: ${RETRY}\n\n${first}`));
      },
      cancel: () => stop?.(),
    },
    { highWaterMark: PATIENCE, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  return new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
  });
}

function textOf({ id, event }: Numbered): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
