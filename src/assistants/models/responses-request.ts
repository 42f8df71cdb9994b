import type { OpenAI } from "openai";

import { plainText } from "./chat-request.ts";
import type { ModelFormat, ModelItem, ModelRequest } from "./model.ts";

type Body = OpenAI.Responses.ResponseCreateParamsStreaming;
type Input = OpenAI.Responses.ResponseInputItem;

/** Stateless on purpose: the whole input every time, nothing stored, because `previous_response_id` fails on many servers. */
export function responsesBody(request: ModelRequest): Body {
  const { instructions, functions, toolChoice, format } = request;
  const body: Body = {
    model: request.model,
    stream: true,
    store: false,
    input: responsesInput(request.items),
  };
  if (instructions !== undefined && instructions !== "") body.instructions = instructions;
  if (functions.length > 0) {
    // This API takes an absent `strict` for true, the Assistants API for false.
    body.tools = functions.map(({ strict = false, parameters, ...definition }) => ({
      type: "function",
      ...definition,
      parameters: { ...parameters },
      strict,
    }));
    if (toolChoice !== undefined)
      body.tool_choice =
        typeof toolChoice === "string" ? toolChoice : { type: "function", name: toolChoice.name };
    if (request.parallelToolCalls !== undefined)
      body.parallel_tool_calls = request.parallelToolCalls;
  }
  if (request.temperature !== undefined) body.temperature = request.temperature;
  if (request.topP !== undefined) body.top_p = request.topP;
  if (request.maxOutputTokens !== undefined) body.max_output_tokens = request.maxOutputTokens;
  if (format !== undefined && format.type !== "text")
    body.text = { format: responsesFormat(format) };
  if (request.reasoningEffort !== undefined) body.reasoning = { effort: request.reasoningEffort };
  return body;
}

function responsesFormat(
  format: Exclude<ModelFormat, { type: "text" }>,
): OpenAI.Responses.ResponseFormatTextConfig {
  return format.type === "json_object"
    ? { type: "json_object" }
    : { ...format, schema: { ...format.schema } };
}

/** A call that never got an output says so; the API refuses an input that leaves one open. */
function responsesInput(items: readonly ModelItem[]): Input[] {
  const answered = new Set(items.flatMap((item) => (item.type === "tool_output" ? [item.id] : [])));
  return items.flatMap((item): Input[] => {
    switch (item.type) {
      case "message":
        return [inputMessage(item)];
      case "tool_call": {
        const { id, name, arguments: text } = item;
        const call: Input = { type: "function_call", call_id: id, name, arguments: text };
        return answered.has(id) ? [call] : [call, outputOf(id, "No output was recorded.")];
      }
      case "tool_output":
        return [outputOf(item.id, item.output)];
    }
  });
}

function outputOf(id: string, output: string): Input {
  return { type: "function_call_output", call_id: id, output };
}

function inputMessage({ role, content }: Extract<ModelItem, { type: "message" }>): Input {
  if (role === "assistant") return { role, content: plainText(content) };
  return {
    role,
    content: content.map((part) =>
      part.type === "text"
        ? { type: "input_text", text: part.text }
        : { type: "input_image", image_url: part.url, detail: part.detail },
    ),
  };
}
