import { type Dispatcher, WebSocket } from "undici";
import { z } from "zod";

/** What a first connection over Socket Mode came to. */
export type Greeting =
  /** `connections` counts every open socket of the app, this one too; undefined where Slack does not say. */
  | { readonly type: "hello"; readonly connections: number | undefined }
  /** Slack ended it before a hello, and says why: `link_disabled`, `too_many_websockets`, … */
  | { readonly type: "disconnect"; readonly reason: string }
  | { readonly type: "unreachable"; readonly reason: string };

const Frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), num_connections: z.number().optional() }),
  z.object({ type: z.literal("disconnect"), reason: z.string().default("unknown") }),
]);

/**
 * Opens one socket and closes it at Slack's hello, so that Slack has next to no time to send an event over it: a
 * bot that runs beside this gets them all. An event that does come is not acknowledged, and delivered again.
 */
export async function awaitHello(
  url: string,
  dispatcher: Dispatcher | undefined,
  signal: AbortSignal,
): Promise<Greeting> {
  const socket = new WebSocket(url, dispatcher === undefined ? {} : { dispatcher });
  const ended = Promise.withResolvers<Greeting>();
  let greeting: Greeting | undefined;
  const giveUp = (): void => {
    ended.resolve(greeting ?? { type: "unreachable", reason: "it sent no hello in time" });
    socket.close();
  };
  socket.addEventListener("message", ({ data }) => {
    greeting ??= read(data);
    if (greeting !== undefined) socket.close();
  });
  socket.addEventListener("error", ({ message }) => {
    greeting ??= { type: "unreachable", reason: message };
  });
  socket.addEventListener("close", ({ code }) =>
    ended.resolve(greeting ?? { type: "unreachable", reason: `it was closed with code ${code}` }),
  );
  signal.addEventListener("abort", giveUp);
  try {
    return await ended.promise;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function read(data: unknown): Greeting | undefined {
  const frame = typeof data === "string" ? Frame.safeParse(parse(data)).data : undefined;
  switch (frame?.type) {
    case "hello":
      return { type: "hello", connections: frame.num_connections };
    case "disconnect":
      return { type: "disconnect", reason: frame.reason };
    case undefined:
      return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
