import type { AssistantsServer } from "../../src/assistants/server.ts";
import { readContract } from "./contract.ts";

/** A server whose every answer and event is held against the published contract, where SPEC_DIR has it. */
export interface WatchedServer {
  readonly server: AssistantsServer;
  /** What broke the contract so far. */
  readonly violations: readonly string[];
}

const contract = readContract();

export function watchServer(server: AssistantsServer): WatchedServer {
  const violations: string[] = [];
  if (contract === undefined) return { server, violations };
  const judge = contract;

  /** Notes what is wrong with the events of one frame or more. */
  function readFrames(frames: string, from: string): void {
    for (const frame of frames.split("\n\n").filter((each) => each !== "")) {
      const [, name = "", data = ""] = /^event: (\S+)\ndata: (.*)$/.exec(frame) ?? [];
      const faults = judge.checkEvent(name, data === "[DONE]" ? data : JSON.parse(data));
      for (const fault of faults) violations.push(`${from}: event ${name}: ${fault}`);
    }
  }

  async function fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace(/^\/v1/, "");
    const from = `${request.method} ${path}`;
    const response = await server.fetch(request);
    if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) {
      return new Response(
        tap(response.body, (text) => readFrames(text, from)),
        response,
      );
    }
    const body: unknown = await response.clone().json();
    for (const fault of judge.checkAnswer(request.method, path, response.status, body)) {
      violations.push(`${from} answered ${response.status}: ${fault}`);
    }
    return response;
  }

  return { server: { ...server, fetch }, violations };
}

/** The stream as it is; what passes is read on the way. The server sends whole frames, whatever their number. */
function tap(
  body: ReadableStream<Uint8Array> | null,
  read: (text: string) => void,
): ReadableStream<Uint8Array> {
  if (body === null) throw new Error("An event stream has a body.");
  const reader = body.getReader();
  const decoder = new TextDecoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }
        read(decoder.decode(value, { stream: true }));
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
