import { createModel } from "../../src/assistants/models/index.ts";
import type { ModelItem, ModelRequest } from "../../src/assistants/models/model.ts";
import { callsOf, collect, textOf } from "../contracts/model.ts";
import { createModelEndpoint, type Answer } from "../doubles/model-endpoint.ts";

export const never = new AbortController().signal;
export const lookup = {
  name: "lookup",
  description: "Looks up",
  parameters: { type: "object", properties: {} },
};
const hello: ModelItem = {
  type: "message",
  role: "user",
  content: [{ type: "text", text: "hello" }],
};
export const request: ModelRequest = { model: "test-model", items: [hello], functions: [] };

export const raw = (...data: unknown[]): Answer => [
  ...data.map((one) => ({ raw: `data: ${JSON.stringify(one)}\n\n` })),
  { end: "quiet" },
];

/** Asks a model over an endpoint that gives one scripted answer. */
export async function answered(
  kind: "chat" | "responses",
  answer: Answer,
  asked: Partial<ModelRequest> = {},
) {
  await using endpoint = await createModelEndpoint();
  endpoint.script(answer);
  const model = createModel({ kind, baseURL: endpoint.url });
  const events = await collect(model.stream({ ...request, ...asked }, never));
  return {
    events,
    text: textOf(events),
    calls: callsOf(events),
    end: events.at(-1),
    sent: endpoint.requests[0],
  };
}

/** A request that uses every option. */
export const everything: Partial<ModelRequest> = {
  instructions: "Be brief.",
  items: [
    {
      type: "message",
      role: "user",
      content: [
        { type: "text", text: "look" },
        { type: "image", url: "data:image/png;base64,AA==", detail: "low" },
      ],
    },
    { type: "message", role: "assistant", content: [{ type: "text", text: "Looking." }] },
    { type: "tool_call", id: "call_1", name: "lookup", arguments: "{}" },
    { type: "tool_call", id: "call_2", name: "lookup", arguments: '{"a":1}' },
    { type: "tool_output", id: "call_2", output: "two" },
    hello,
  ],
  functions: [lookup],
  toolChoice: { name: "lookup" },
  parallelToolCalls: false,
  temperature: 0.5,
  topP: 0.9,
  maxOutputTokens: 300,
  format: { type: "json_schema", name: "answer", schema: { type: "object" }, strict: true },
  reasoningEffort: "low",
};
