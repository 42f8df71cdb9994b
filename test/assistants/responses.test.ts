import { describe, expect, test } from "vitest";

import type { Answer } from "../doubles/model-endpoint.ts";
import { answered, everything, lookup, raw } from "./ask-model.ts";

describe("Responses on the wire", () => {
  test("a request is stateless and holds all that was asked for", async () => {
    const { sent } = await answered("responses", "ok", everything);
    expect(sent?.body).toEqual({
      model: "test-model",
      stream: true,
      store: false,
      instructions: "Be brief.",
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "look" },
            { type: "input_image", image_url: "data:image/png;base64,AA==", detail: "low" },
          ],
        },
        { role: "assistant", content: "Looking." },
        { type: "function_call", call_id: "call_1", name: "lookup", arguments: "{}" },
        { type: "function_call_output", call_id: "call_1", output: "No output was recorded." },
        { type: "function_call", call_id: "call_2", name: "lookup", arguments: '{"a":1}' },
        { type: "function_call_output", call_id: "call_2", output: "two" },
        { role: "user", content: [{ type: "input_text", text: "hello" }] },
      ],
      tools: [{ type: "function", ...lookup, strict: false }],
      tool_choice: { type: "function", name: "lookup" },
      parallel_tool_calls: false,
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 300,
      text: {
        format: { type: "json_schema", name: "answer", schema: { type: "object" }, strict: true },
      },
      reasoning: { effort: "low" },
    });
  });

  const output = [
    { type: "message", content: [{ type: "output_text", text: "Whole text" }] },
    { type: "function_call", call_id: "x", name: "a", arguments: '{"n":1}' },
  ];
  const completed = { type: "response.completed", response: { output } };

  test.each([
    ["only the completed response", raw(completed)],
    [
      "deltas that name no item, and bare events",
      raw(
        { type: "response.output_text.delta", delta: "Whole " },
        { type: "response.output_text.delta", delta: "text" },
        {
          type: "response.output_item.added",
          item: { type: "function_call", call_id: "x", name: "a" },
        },
        { type: "response.function_call_arguments.delta", delta: '{"n":' },
        { type: "response.function_call_arguments.delta", delta: "1}" },
        { type: "response.completed" },
      ),
    ],
    [
      "finished items only",
      raw(
        { type: "response.output_text.done", text: "Whole text" },
        { type: "response.output_item.done", item: output[0] },
        { type: "response.output_item.done", item: output[1] },
        { type: "response.completed", response: {} },
      ),
    ],
    [
      "a part in deltas and the rest at the end",
      raw({ type: "response.output_text.delta", delta: "Who" }, completed),
    ],
    [
      "positions in one event and item ids in the next",
      raw(
        { type: "response.output_text.delta", delta: "Whole text" },
        {
          type: "response.output_item.added",
          output_index: 1,
          item: { type: "function_call", id: "fc_1", name: "a" },
        },
        { type: "response.function_call_arguments.delta", item_id: "fc_1", delta: '{"n":1}' },
        { type: "response.output_item.done", output_index: 1, item: { ...output[1], id: "fc_1" } },
        completed,
      ),
    ],
    [
      "a body that is not streamed",
      { status: 200, body: { object: "response", status: "completed", output } },
    ],
  ] satisfies [string, Answer][])(
    "nothing is lost where an endpoint sends %s",
    async (_name, answer) => {
      const { text, calls, end } = await answered("responses", answer, { functions: [lookup] });
      expect(text).toBe("Whole text");
      expect(calls).toEqual([{ id: expect.stringMatching(/./), name: "a", arguments: { n: 1 } }]);
      expect(end).toEqual({ type: "end", reason: "tool_calls", usage: undefined });
    },
  );

  test("a response that failed fails with its own code", async () => {
    const failed = raw({
      type: "response.failed",
      response: { status: "failed", error: { code: "rate_limit_exceeded", message: "x" } },
    });
    await expect(answered("responses", failed)).rejects.toMatchObject({
      code: "rate_limit_exceeded",
      passing: true,
    });
  });
});
