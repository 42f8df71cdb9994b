import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { z } from "zod";

import { chatWire, responsesWire, type Wire } from "./model-wire.ts";

/** One step of a streamed answer, the same for both APIs. */
export type Step =
  | { readonly text: string }
  | { readonly refusal: string }
  /** Announced first, then its arguments in two pieces; anything but a string is sent as JSON. */
  | { readonly call: { readonly name: string; readonly arguments?: unknown; readonly id?: string } }
  /** Sends nothing more until the promise settles; the headers and all earlier steps are on the wire by then. */
  | { readonly wait: Promise<unknown> }
  /** Bytes as they are. */
  | { readonly raw: string }
  /** An error object in the middle of the stream; nothing follows. */
  | { readonly error: { readonly message: string; readonly code?: string; readonly type?: string } }
  /** Where it is left out, an answer ends with the reason that fits it. */
  | { readonly finish: "stop" | "tool_calls" | "length" | "content_filter" }
  /** cut: the socket breaks. stall: not a byte more, and the connection stays open. quiet: ends without a finish reason. */
  | { readonly end: "cut" | "stall" | "quiet" };

/** A text is sent word by word. */
export type Answer =
  | string
  | readonly Step[]
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    };

export interface EndpointRequest {
  readonly api: "chat" | "responses";
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** What people wrote last. */
  readonly question: string;
  /** Tool outputs since then, oldest first. */
  readonly outputs: readonly string[];
  /** Names of the functions on offer. */
  readonly functions: readonly string[];
  /** Resolves once the client has taken the whole answer or has gone away. */
  readonly closed: Promise<"finished" | "left">;
}

export type Handler = (request: EndpointRequest) => Answer | Promise<Answer>;

export interface ModelEndpoint extends AsyncDisposable {
  /** Base URL, ending in /v1. */
  readonly url: string;
  /** Every request to a model so far, refused ones included. */
  readonly requests: readonly EndpointRequest[];
  /** Answers for the next requests, one each; after them the handler is asked again. */
  script(...answers: readonly Answer[]): void;
  /** Answers every request that no script is left for. */
  answer(handler: Handler): void;
  /** Resolves with the request of this number, counted from 0, once it is there. */
  request(number: number): Promise<EndpointRequest>;
}

export interface ModelEndpointOptions {
  /** Requests with another bearer key are refused with 401. */
  readonly key?: string;
  readonly answer?: Handler;
}

/** An OpenAI-compatible endpoint on 127.0.0.1 that speaks Chat Completions and Responses as it is told to. */
export async function createModelEndpoint(
  options: ModelEndpointOptions = {},
): Promise<ModelEndpoint> {
  const requests: EndpointRequest[] = [];
  const scripted: Answer[] = [];
  const waiting = new Set<() => void>();
  let handler: Handler = options.answer ?? (({ question }) => `You said: ${question}`);

  const server = createServer((message, response) => {
    response.on("error", () => undefined);
    void serve(message, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const wire = [chatWire, responsesWire].find(({ path }) => message.url === `/v1${path}`);
    if (message.url === "/v1/models")
      return refuse(response, 200, { object: "list", data: [{ id: "test-model" }] });
    if (wire === undefined)
      return refuse(response, 404, { error: { message: "Unknown address", code: null } });
    const body = z.record(z.string(), z.unknown()).parse(JSON.parse(await textOf(message)));
    const request = {
      ...wire.read(body),
      headers: message.headers,
      body,
      closed: closedBy(response),
    };
    requests.push(request);
    for (const look of waiting) look();
    if (options.key !== undefined && message.headers.authorization !== `Bearer ${options.key}`)
      return refuse(response, 401, {
        error: {
          message: `Incorrect API key provided: ${message.headers.authorization}`,
          code: "invalid_api_key",
        },
      });
    const answer = scripted.shift() ?? (await handler(request));
    if (typeof answer === "object" && "status" in answer)
      return refuse(
        response,
        answer.status,
        answer.body ?? { error: { message: "scripted" } },
        answer.headers,
      );
    await stream(response, wire, body, typeof answer === "string" ? wordsOf(answer) : answer);
  }

  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the endpoint has no port");

  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    script: (...answers) => void scripted.push(...answers),
    answer(next) {
      handler = next;
    },
    request: (number) =>
      new Promise((resolve) => {
        const look = (): void => {
          const request = requests[number];
          if (request === undefined) return;
          waiting.delete(look);
          resolve(request);
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function stream(
  response: ServerResponse,
  wire: Wire,
  body: Readonly<Record<string, unknown>>,
  steps: readonly Step[],
): Promise<void> {
  const writer = wire.write(body);
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.flushHeaders();
  response.write(writer.begin());
  for (const step of steps) {
    if (response.destroyed) return;
    if ("wait" in step) await step.wait;
    else if ("raw" in step) await written(response, step.raw);
    else if ("end" in step) {
      if (step.end === "cut") response.destroy();
      if (step.end === "quiet") response.end();
      return;
    } else if ("error" in step) return void response.end(writer.error(step.error));
    else if ("finish" in step) return void response.end(writer.finish(step.finish));
    else await written(response, writer.step(step));
  }
  response.end(writer.finish(steps.some((step) => "call" in step) ? "tool_calls" : "stop"));
}

/** Resolves once the bytes have left for the socket, so that a cut after them cuts nothing before. */
function written(response: ServerResponse, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    response.write(bytes, () => {
      resolve();
    });
  });
}

function refuse(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function closedBy(response: ServerResponse): EndpointRequest["closed"] {
  return new Promise((resolve) => {
    response.on("close", () => {
      resolve(response.writableFinished ? "finished" : "left");
    });
  });
}

function wordsOf(text: string): Step[] {
  return (text.match(/\s*\S+/g) ?? []).map((word) => ({ text: word }));
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
