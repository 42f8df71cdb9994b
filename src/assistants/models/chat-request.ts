import type { OpenAI } from "openai";

import type { ModelContent, ModelFormat, ModelItem, ModelRequest } from "./model.ts";

type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;

export interface Dialect {
  /** `stream_options` is asked for only while the endpoint has not rejected it. */
  readonly usage: boolean;
  /** OpenAI's own hosts want `max_completion_tokens`; many other servers know only `max_tokens`. */
  readonly ownHost: boolean;
}

export function chatBody(request: ModelRequest, { usage, ownHost }: Dialect): Body {
  const { instructions, functions, toolChoice, format } = request;
  const system: Message[] =
    instructions === undefined || instructions === ""
      ? []
      : [{ role: "system", content: instructions }];
  const body: Body = {
    model: request.model,
    stream: true,
    messages: [...system, ...chatMessages(request.items)],
  };
  if (usage) body.stream_options = { include_usage: true };
  if (functions.length > 0) {
    body.tools = functions.map((definition) => ({ type: "function", function: { ...definition } }));
    if (toolChoice !== undefined)
      body.tool_choice =
        typeof toolChoice === "string"
          ? toolChoice
          : { type: "function", function: { name: toolChoice.name } };
    if (request.parallelToolCalls !== undefined)
      body.parallel_tool_calls = request.parallelToolCalls;
  }
  if (request.temperature !== undefined) body.temperature = request.temperature;
  if (request.topP !== undefined) body.top_p = request.topP;
  if (request.maxOutputTokens !== undefined)
    body[ownHost ? "max_completion_tokens" : "max_tokens"] = request.maxOutputTokens;
  if (format !== undefined && format.type !== "text") body.response_format = chatFormat(format);
  if (request.reasoningEffort !== undefined) body.reasoning_effort = request.reasoningEffort;
  return body;
}

function chatFormat(
  format: Exclude<ModelFormat, { type: "text" }>,
): NonNullable<Body["response_format"]> {
  if (format.type === "json_object") return { type: "json_object" };
  const { type, ...schema } = format;
  return { type, json_schema: { ...schema, schema: { ...schema.schema } } };
}

/**
 * Endpoints insist that an assistant message with calls is followed by the output of each of them, and by nothing
 * else in between; so outputs are put right behind their calls, and a call that never got one says so.
 */
function chatMessages(items: readonly ModelItem[]): Message[] {
  const outputs = new Map(
    items.flatMap((item) => (item.type === "tool_output" ? [[item.id, item.output]] : [])),
  );
  const messages: Message[] = [];
  for (const [position, item] of items.entries()) {
    if (item.type === "message") messages.push(chatMessage(item));
    if (item.type !== "tool_call" || items[position - 1]?.type === "tool_call") continue;
    const end = items.findIndex((other, index) => index > position && other.type !== "tool_call");
    const calls = items
      .slice(position, end === -1 ? undefined : end)
      .filter((other) => other.type === "tool_call");
    const toolCalls = calls.map((call) => ({
      type: "function" as const,
      id: call.id,
      function: { name: call.name, arguments: call.arguments },
    }));
    const before = messages.at(-1);
    if (before?.role === "assistant" && before.tool_calls === undefined)
      before.tool_calls = toolCalls;
    else messages.push({ role: "assistant", content: null, tool_calls: toolCalls });
    for (const { id } of calls)
      messages.push({
        role: "tool",
        tool_call_id: id,
        content: outputs.get(id) ?? "No output was recorded.",
      });
  }
  return messages;
}

function chatMessage({ role, content }: Extract<ModelItem, { type: "message" }>): Message {
  if (role === "assistant") return { role, content: plainText(content) };
  // One plain string wherever possible: simple servers know no content parts.
  if (content.every((part) => part.type === "text")) return { role, content: plainText(content) };
  return {
    role,
    content: content.map((part) =>
      part.type === "text"
        ? part
        : { type: "image_url", image_url: { url: part.url, detail: part.detail } },
    ),
  };
}

/** What an assistant wrote takes text only, on both APIs. */
export function plainText(content: readonly ModelContent[]): string {
  return content.map((part) => (part.type === "text" ? part.text : "[image]")).join("\n");
}
