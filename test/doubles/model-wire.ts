import { z } from "zod";

import type { EndpointRequest, Step } from "./model-endpoint.ts";

type Told = Extract<Step, { text: string } | { refusal: string } | { call: unknown }>;
type Finish = Extract<Step, { finish: string }>["finish"];
type Failure = Extract<Step, { error: unknown }>["error"];
type Body = Readonly<Record<string, unknown>>;

/** How one of the two APIs reads a request and writes the steps of an answer. */
export interface Wire {
  readonly path: string;
  read(body: Body): Pick<EndpointRequest, "api" | "question" | "outputs" | "functions">;
  write(body: Body): Writer;
}

interface Writer {
  begin(): string;
  step(step: Told): string;
  error(failure: Failure): string;
  finish(reason: Finish): string;
}

const PROMPT_TOKENS = 12;
const COMPLETION_TOKENS = 7;

const content = z
  .union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))])
  .nullish();
const message = z.looseObject({
  role: z.string().optional(),
  type: z.string().optional(),
  content,
  output: z.string().optional(),
});
const tool = z.looseObject({
  name: z.string().optional(),
  function: z.looseObject({ name: z.string() }).optional(),
});
const known = z.looseObject({
  messages: z.array(message).default([]),
  input: z.array(message).default([]),
  tools: z.array(tool).default([]),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
});

function readBody(api: EndpointRequest["api"]): Wire["read"] {
  return (body) => {
    const { messages, input, tools } = known.parse(body);
    const items = [...messages, ...input];
    const last = items.findLastIndex(({ role }) => role === "user");
    const outputs = items
      .slice(last + 1)
      .filter((item) => item.role === "tool" || item.type === "function_call_output");
    return {
      api,
      question: textOf(items[last]?.content),
      outputs: outputs.map((item) => item.output ?? textOf(item.content)),
      functions: tools.flatMap((one) => one.function?.name ?? one.name ?? []),
    };
  };
}

function textOf(given: z.output<typeof content>): string {
  if (typeof given === "string") return given;
  return (given ?? []).flatMap((part) => part.text ?? []).join("\n");
}

function argumentsOf(call: { readonly arguments?: unknown }): readonly [string, string] {
  const text =
    typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments ?? {});
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)];
}

function send(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

export const chatWire: Wire = {
  path: "/chat/completions",
  read: readBody("chat"),
  write(body) {
    const usage = known.parse(body).stream_options?.include_usage === true;
    const base = {
      id: "chatcmpl-test",
      object: "chat.completion.chunk",
      created: 1_760_000_000,
      model: body["model"],
    };
    const chunk = (delta: unknown, reason: Finish | null = null) =>
      send({ ...base, choices: [{ index: 0, delta, finish_reason: reason }] });
    let calls = 0;
    return {
      begin: () => chunk({ role: "assistant", content: "" }),
      step(step) {
        if ("text" in step) return chunk({ content: step.text });
        if ("refusal" in step) return chunk({ refusal: step.refusal });
        const index = calls;
        calls += 1;
        const { name, id = `call_test_${index}` } = step.call;
        const [first, second] = argumentsOf(step.call);
        return [
          { index, id, type: "function", function: { name, arguments: "" } },
          { index, function: { arguments: first } },
          { index, function: { arguments: second } },
        ]
          .map((piece) => chunk({ tool_calls: [piece] }))
          .join("");
      },
      error: (failure) => send({ error: failure }),
      finish: (reason) =>
        [
          chunk({}, reason),
          usage
            ? send({
                ...base,
                choices: [],
                usage: {
                  prompt_tokens: PROMPT_TOKENS,
                  completion_tokens: COMPLETION_TOKENS,
                  total_tokens: PROMPT_TOKENS + COMPLETION_TOKENS,
                },
              })
            : "",
          "data: [DONE]\n\n",
        ].join(""),
    };
  },
};

export const responsesWire: Wire = {
  path: "/responses",
  read: readBody("responses"),
  write() {
    const output: Record<string, unknown>[] = [];
    let text = "";
    let sequence = 0;
    const tell = (type: string, data: Body): string => {
      sequence += 1;
      return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...data })}\n\n`;
    };
    const response = (status: string, more: Body = {}) => ({
      response: {
        id: "resp_test",
        object: "response",
        status,
        output,
        error: null,
        incomplete_details: null,
        ...more,
      },
    });
    const item = { id: "msg_test", type: "message", role: "assistant" };

    function openText(): string {
      if (output.includes(item)) return "";
      output.push(item);
      return tell("response.output_item.added", {
        output_index: output.length - 1,
        item: { ...item, content: [] },
      });
    }
    function writeCall({
      name,
      id = `call_test_${output.length}`,
      ...call
    }: Extract<Told, { call: unknown }>["call"]): string {
      const [first, second] = argumentsOf(call);
      const index = output.length;
      const item_id = `fc_test_${index}`;
      const whole = {
        id: item_id,
        type: "function_call",
        call_id: id,
        name,
        arguments: first + second,
      };
      output.push(whole);
      const at = { item_id, output_index: index };
      return [
        tell("response.output_item.added", {
          output_index: index,
          item: { ...whole, arguments: "" },
        }),
        tell("response.function_call_arguments.delta", { ...at, delta: first }),
        tell("response.function_call_arguments.delta", { ...at, delta: second }),
        tell("response.function_call_arguments.done", { ...at, arguments: first + second }),
        tell("response.output_item.done", { output_index: index, item: whole }),
      ].join("");
    }

    return {
      begin: () => tell("response.created", response("in_progress")),
      step(step) {
        if ("call" in step) return writeCall(step.call);
        const [kind, delta] =
          "text" in step ? ["output_text", step.text] : ["refusal", step.refusal];
        text += delta;
        return (
          openText() +
          tell(`response.${kind}.delta`, {
            item_id: "msg_test",
            output_index: 0,
            content_index: 0,
            delta,
          })
        );
      },
      error: (failure) => tell("error", failure),
      finish(reason) {
        const whole = output.map((one) =>
          one === item ? { ...item, content: [{ type: "output_text", text }] } : one,
        );
        const usage = {
          input_tokens: PROMPT_TOKENS,
          output_tokens: COMPLETION_TOKENS,
          total_tokens: PROMPT_TOKENS + COMPLETION_TOKENS,
        };
        if (reason === "stop" || reason === "tool_calls")
          return tell("response.completed", response("completed", { output: whole, usage }));
        const why = reason === "length" ? "max_output_tokens" : reason;
        return tell(
          "response.incomplete",
          response("incomplete", { output: whole, usage, incomplete_details: { reason: why } }),
        );
      },
    };
  },
};
