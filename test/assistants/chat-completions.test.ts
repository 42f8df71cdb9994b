import { LLMock } from "@copilotkit/aimock";
import { describe, expect, test } from "vitest";

import { createModel } from "../../src/assistants/models/index.ts";
import type { ModelItem } from "../../src/assistants/models/model.ts";
import { callsOf, collect, textOf } from "../contracts/model.ts";
import { createModelEndpoint } from "../doubles/model-endpoint.ts";
import { answered, everything, lookup, never, raw, request } from "./ask-model.ts";

const toolCall = (id: string, text: string) => ({
  id,
  type: "function",
  function: { name: "lookup", arguments: text },
});
const piece = (told: object): unknown => ({ choices: [{ delta: { tool_calls: [told] } }] });
const named = (name: string, text: string, more: object = {}): unknown =>
  piece({ ...more, function: { name, arguments: text } });
const finish = { choices: [{ delta: {}, finish_reason: "stop" }] };

describe("Chat Completions on the wire", () => {
  test("a request holds all that was asked for, and every call is followed by its output", async () => {
    const { sent } = await answered("chat", "ok", everything);
    expect(sent?.body).toEqual({
      model: "test-model",
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "low" } },
          ],
        },
        {
          role: "assistant",
          content: "Looking.",
          tool_calls: [toolCall("call_1", "{}"), toolCall("call_2", '{"a":1}')],
        },
        { role: "tool", tool_call_id: "call_1", content: "No output was recorded." },
        { role: "tool", tool_call_id: "call_2", content: "two" },
        { role: "user", content: "hello" },
      ],
      tools: [{ type: "function", function: lookup }],
      tool_choice: { type: "function", function: { name: "lookup" } },
      parallel_tool_calls: false,
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 300,
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", schema: { type: "object" }, strict: true },
      },
      reasoning_effort: "low",
    });
    expect(sent?.headers["authorization"]).toBeUndefined();
  });

  test("OpenAI's own hosts are told max_completion_tokens", async () => {
    const bodies: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      bodies.push(JSON.parse(await new Response(init?.body ?? null).text()));
      return new Response("data: [DONE]\n\n");
    };
    for (const baseURL of [undefined, "https://team.openai.azure.com/openai/v1"]) {
      const model = createModel({ kind: "chat", apiKey: "sk-test", baseURL, fetch });
      await collect(model.stream({ ...request, maxOutputTokens: 300 }, never)).catch(
        () => undefined,
      );
    }
    expect(bodies).toHaveLength(2);
    for (const body of bodies) {
      expect(body).toMatchObject({ max_completion_tokens: 300 });
      expect(body).not.toHaveProperty("max_tokens");
    }
  });

  test("choices about tools are left out where there are none", async () => {
    const { sent } = await answered("chat", "ok", { toolChoice: "auto", parallelToolCalls: true });
    expect(Object.keys(sent?.body ?? {}).toSorted()).toEqual([
      "messages",
      "model",
      "stream",
      "stream_options",
    ]);
  });

  test("an endpoint that rejects stream_options is asked without it, also from then on", async () => {
    await using endpoint = await createModelEndpoint({
      answer: ({ body }) =>
        "stream_options" in body
          ? { status: 400, body: { error: { message: "Unrecognized key: stream_options" } } }
          : "fine",
    });
    const model = createModel({ kind: "chat", baseURL: endpoint.url });
    for (const _ of [1, 2]) {
      const events = await collect(model.stream(request, never));
      expect(textOf(events)).toBe("fine");
      expect(events.at(-1)).toEqual({ type: "end", reason: "stop", usage: undefined });
    }
    expect(endpoint.requests).toHaveLength(3);
  });

  test.each([
    [
      "every index is 0",
      [named("a", '{"n":1}', { index: 0, id: "x" }), named("b", '{"n":2}', { index: 0, id: "y" })],
    ],
    [
      "every index is 0 and there are no ids",
      [named("a", '{"n":1}', { index: 0 }), named("b", '{"n":2}', { index: 0 })],
    ],
    [
      "indices start at 3, interleaved",
      [
        named("a", "", { index: 3, id: "x" }),
        named("b", "", { index: 7, id: "y" }),
        piece({ index: 7, function: { arguments: '{"n":' } }),
        piece({ index: 3, function: { arguments: '{"n":1}' } }),
        piece({ index: 7, function: { arguments: "2}" } }),
      ],
    ],
    [
      "there is neither index nor id",
      [named("a", '{"n":'), piece({ function: { arguments: "1}" } }), named("b", '{"n":2}')],
    ],
    [
      "ids are repeated",
      [named("a", '{"n":1}', { index: 0, id: "x" }), named("b", '{"n":2}', { index: 1, id: "x" })],
    ],
    [
      "id and name are repeated with every piece",
      [
        named("a", '{"n":', { index: 0, id: "x" }),
        named("a", "1}", { index: 0, id: "x" }),
        named("b", '{"n":2}', { index: 1, id: "y" }),
      ],
    ],
    [
      "the name comes after the arguments",
      [
        piece({ index: 0, id: "x", function: { arguments: '{"n":1}' } }),
        named("a", "", { index: 0 }),
        named("b", '{"n":2}', { index: 1 }),
      ],
    ],
    [
      "arguments are objects",
      [
        piece({ index: 0, function: { name: "a", arguments: { n: 1 } } }),
        piece({ index: 1, function: { name: "b", arguments: { n: 2 } } }),
      ],
    ],
  ])("two calls are told apart where %s", async (_name, chunks) => {
    const { events, calls, end } = await answered("chat", raw(...chunks, finish), {
      functions: [lookup],
    });
    expect(calls).toEqual([
      { id: expect.stringMatching(/./), name: "a", arguments: { n: 1 } },
      { id: expect.stringMatching(/./), name: "b", arguments: { n: 2 } },
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(events.flatMap((event) => (event.type === "tool_call" ? [event.index] : []))).toEqual([
      0, 1,
    ]);
    expect(end).toMatchObject({ reason: "tool_calls" });
  });

  test("a call without arguments gets an empty object", async () => {
    const { calls } = await answered("chat", raw(named("a", "", { index: 0, id: "x" }), finish), {
      functions: [lookup],
    });
    expect(calls).toEqual([{ id: "x", name: "a", arguments: {} }]);
  });

  test("an endpoint that answers without streaming is understood", async () => {
    const body = {
      choices: [
        {
          message: {
            content: "All at once",
            tool_calls: [{ id: "x", function: { name: "a", arguments: "{}" } }],
          },
          finish_reason: "tool_calls",
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
    };
    const { text, calls, end } = await answered("chat", { status: 200, body });
    expect(text).toBe("All at once");
    expect(calls).toHaveLength(1);
    expect(end).toEqual({
      type: "end",
      reason: "tool_calls",
      usage: { promptTokens: 3, completionTokens: 4 },
    });
  });

  test("an answer that has named its finish reason is whole, whatever happens to its last bytes", async () => {
    const done = { choices: [{ delta: { content: "done" }, finish_reason: "stop" }] };
    const { text, end } = await answered("chat", [
      { raw: `data: ${JSON.stringify(done)}\n\n` },
      { end: "cut" },
    ]);
    expect(text).toBe("done");
    expect(end).toEqual({ type: "end", reason: "stop", usage: undefined });
  });

  test("aimock, which others wrote, is understood as well: text, usage and parallel calls", async () => {
    const mock = new LLMock({ port: 0 });
    mock.onMessage("hello", { content: "Hi there, how are you?" });
    mock.onMessage("both", {
      toolCalls: [
        { name: "lookup", arguments: '{"id":"1"}' },
        { name: "lookup", arguments: '{"id":"2"}' },
      ],
    });
    await mock.start();
    try {
      const model = createModel({ kind: "chat", apiKey: "any", baseURL: `${mock.url}/v1` });
      const said = await collect(model.stream(request, never));
      expect(textOf(said)).toBe("Hi there, how are you?");
      expect(said.at(-1)).toMatchObject({
        reason: "stop",
        usage: { completionTokens: expect.any(Number) },
      });
      const both: ModelItem = {
        type: "message",
        role: "user",
        content: [{ type: "text", text: "both" }],
      };
      const called = await collect(
        model.stream({ ...request, items: [both], functions: [lookup] }, never),
      );
      expect(callsOf(called).map((call) => call.arguments)).toEqual([{ id: "1" }, { id: "2" }]);
    } finally {
      await mock.stop();
    }
  });
});
