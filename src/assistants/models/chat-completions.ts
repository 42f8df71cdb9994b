import { APIError, type OpenAI } from "openai";
import { z } from "zod";

import { collectCalls } from "./calls.ts";
import { chatBody } from "./chat-request.ts";
import { parseAs, readEvents } from "./events.ts";
import {
  ModelFailed,
  type Model,
  type ModelEvent,
  type ModelRequest,
  type ModelUsage,
} from "./model.ts";

const part = z.object({ type: z.string().nullish(), text: z.string().nullish() });
const message = z.object({
  content: z.union([z.string(), z.array(part)]).nullish(),
  refusal: z.string().nullish(),
  tool_calls: z
    .array(
      z.object({
        index: z.union([z.number(), z.string()]).nullish(),
        id: z.string().nullish(),
        function: z
          .object({ name: z.string().nullish(), arguments: z.unknown().optional() })
          .nullish(),
      }),
    )
    .nullish(),
});
/** As tolerant as local servers need it; `message` is there when an endpoint answers without streaming. */
const chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: message.nullish(),
        message: message.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({ prompt_tokens: z.number(), completion_tokens: z.number() })
    .nullish()
    .catch(undefined),
});

/** Milliseconds to wait for the usage, and for the end, once an answer has given its finish reason. */
const LAST_WORDS = 5_000;

export interface ChatCompletionsOptions {
  readonly client: OpenAI;
  /** Milliseconds without a byte after which an answer has stalled; 120,000 where not given. */
  readonly idleTimeout?: number | undefined;
}

/** Any OpenAI-compatible endpoint: POST {baseURL}/chat/completions, streamed. */
export function createChatCompletionsModel({
  client,
  idleTimeout = 120_000,
}: ChatCompletionsOptions): Model {
  const ownHost = /(^|\.)(api\.openai\.com|openai\.azure\.com)$/.test(
    new URL(client.baseURL).hostname,
  );
  let usage = true;

  async function send(request: ModelRequest, signal: AbortSignal): Promise<Response> {
    const post = () =>
      client.chat.completions
        .create(chatBody(request, { usage, ownHost }), { signal, maxRetries: 0 })
        .asResponse();
    try {
      return await post();
    } catch (error) {
      if (!usage || !rejectsStreamOptions(error)) throw error;
      usage = false;
      return await post();
    }
  }

  return {
    async *stream(request, signal) {
      const progress: Progress = { finish: undefined };
      const events = readEvents({
        client,
        send: (both) => send(request, both),
        signal,
        silence: () =>
          progress.finish === undefined ? idleTimeout : Math.min(LAST_WORDS, idleTimeout),
      });
      yield* readAnswer(events, signal, progress);
    },
  };
}

interface Progress {
  finish: string | undefined;
}

async function* readAnswer(
  events: ReturnType<typeof readEvents>,
  signal: AbortSignal,
  progress: Progress,
): AsyncGenerator<ModelEvent> {
  const calls = collectCalls();
  let spoke = false;
  let usage: ModelUsage | undefined;
  try {
    for await (const { data } of events) {
      const { choices, usage: counted } = parseAs(chunk, data);
      if (counted)
        usage = {
          promptTokens: counted.prompt_tokens,
          completionTokens: counted.completion_tokens,
        };
      const choice = choices?.[0];
      const { content, refusal, tool_calls: pieces } = choice?.delta ?? choice?.message ?? {};
      for (const delta of [textOf(content), refusal ?? ""]) {
        if (delta === "") continue;
        spoke = true;
        yield { type: "text", delta };
      }
      for (const piece of pieces ?? []) yield* calls.add(callPiece(piece));
      if (choice?.finish_reason) progress.finish = choice.finish_reason;
    }
  } catch (error) {
    // Once the endpoint has named its finish reason the answer is whole; only the usage may be missing.
    if (progress.finish === undefined || signal.aborted) throw error;
  }
  const reason = endReason(progress.finish, calls.count > 0, spoke);
  yield* calls.end();
  yield { type: "end", reason, usage };
}

type Piece = NonNullable<z.output<typeof message>["tool_calls"]>[number];

function callPiece({
  index,
  id,
  function: called,
}: Piece): Parameters<ReturnType<typeof collectCalls>["add"]>[0] {
  const given = called?.arguments;
  return {
    key: index === null || index === undefined ? undefined : String(index),
    id: id || undefined,
    name: called?.name || undefined,
    // Some servers send the arguments as an object instead of its text.
    arguments:
      typeof given === "string"
        ? given
        : given === null || given === undefined
          ? ""
          : JSON.stringify(given),
  };
}

function textOf(content: z.output<typeof message>["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((one) => (one.type === "text" ? (one.text ?? "") : "")).join("");
}

type Reason = Extract<ModelEvent, { type: "end" }>["reason"];

function endReason(finish: string | undefined, called: boolean, spoke: boolean): Reason {
  if (finish === "error")
    throw new ModelFailed("The model endpoint failed in the middle of the answer.", {
      code: "server_error",
      passing: true,
    });
  if (finish === undefined)
    throw new ModelFailed(
      called || spoke
        ? "The model endpoint ended its answer in the middle."
        : "The model endpoint sent an empty answer.",
      { code: "server_error", passing: true },
    );
  if (finish === "length") return "max_tokens";
  if (finish === "content_filter") return "content_filter";
  // Many servers finish with "stop", or with a word of their own, after asking for tools.
  return called ? "tool_calls" : "stop";
}

/** Asking for usage is an offer: an endpoint that names the option in its refusal is asked again without it. */
function rejectsStreamOptions(error: unknown): boolean {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false;
  return error.param === "stream_options" || /stream_options|include_usage/.test(error.message);
}
