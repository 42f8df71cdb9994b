import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";

import { describe, expect, test } from "vitest";

import { createModel, type EndpointSettings } from "../../src/assistants/models/index.ts";
import { ModelFailed, type Model } from "../../src/assistants/models/model.ts";
import { collect, textOf } from "../contracts/model.ts";
import { createModelEndpoint, type Answer } from "../doubles/model-endpoint.ts";
import { never, request } from "./ask-model.ts";

async function failureOf(model: Model): Promise<ModelFailed> {
  const error: unknown = await collect(model.stream(request, never)).catch(
    (caught: unknown) => caught,
  );
  if (!(error instanceof ModelFailed))
    throw new Error("the model did not fail as it should", { cause: error });
  return error;
}

describe.each(["chat", "responses"] as const)("waiting and leaving over %s", (kind) => {
  const over = (endpoint: { url: string }, more: Partial<EndpointSettings> = {}): Model =>
    createModel({ kind, apiKey: "sk-test", baseURL: endpoint.url, ...more });

  test("what was said before the connection broke has arrived", async () => {
    await using endpoint = await createModelEndpoint();
    endpoint.script([{ text: "one " }, { text: "two" }, { end: "cut" }]);
    const heard: string[] = [];
    await expect(async () => {
      for await (const event of over(endpoint).stream(request, never))
        if (event.type === "text") heard.push(event.delta);
    }).rejects.toBeInstanceOf(ModelFailed);
    expect(heard.join("")).toBe("one two");
  });

  test("an endpoint that falls silent is left", async () => {
    await using endpoint = await createModelEndpoint();
    endpoint.script([{ text: "half" }, { end: "stall" }]);
    const failed = await failureOf(over(endpoint, { idleTimeout: 60 }));
    expect(failed).toMatchObject({
      code: "server_error",
      passing: true,
      message: expect.stringMatching(/silent/),
    });
    expect(await endpoint.requests[0]?.closed).toBe("left");
  });

  test("a reader that takes its time is not taken for a silent endpoint", async () => {
    await using endpoint = await createModelEndpoint();
    endpoint.script([{ text: "one " }, { text: "two" }]);
    let heard = "";
    for await (const event of over(endpoint, { idleTimeout: 50 }).stream(request, never)) {
      if (event.type === "text") heard += event.delta;
      // Longer than the idle timeout: this is the very thing under test.
      await new Promise((resolve) => {
        setTimeout(resolve, 60);
      });
    }
    expect(heard).toBe("one two");
  });

  test("no answer at all is a time-out", async () => {
    await using endpoint = await createModelEndpoint({
      answer: () => new Promise<Answer>(() => {}),
    });
    const failed = await failureOf(over(endpoint, { timeout: 60 }));
    expect(failed).toMatchObject({
      code: "server_error",
      passing: true,
      message: expect.stringMatching(/in time/),
    });
  });

  test("a port where nobody listens is named as such", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const failed = await failureOf(over({ url: `http://127.0.0.1:${port}/v1` }));
    expect(failed).toMatchObject({
      passing: true,
      message: "The model endpoint could not be reached (connection refused).",
    });
  });

  test("an abort reaches the endpoint, before the answer and in the middle of it", async () => {
    await using endpoint = await createModelEndpoint();
    endpoint.script([{ end: "stall" }], [{ text: "half" }, { end: "stall" }]);
    for (const number of [0, 1]) {
      const controller = new AbortController();
      const reading = collect(over(endpoint).stream(request, controller.signal));
      const asked = await endpoint.request(number);
      controller.abort(new Error("stop"));
      await expect(reading).rejects.toThrow("stop");
      expect(await asked.closed).toBe("left");
    }
  });

  test("an answer that nobody reads to its end is given up", async () => {
    await using endpoint = await createModelEndpoint();
    endpoint.script([{ text: "half" }, { end: "stall" }]);
    for await (const event of over(endpoint).stream(request, never))
      if (event.type === "text") break;
    expect(await endpoint.requests[0]?.closed).toBe("left");
  });
});

test("a proxy carries the requests, except to the hosts that need none", async () => {
  await using endpoint = await createModelEndpoint();
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (message, socket, head) => {
    tunnels.push(message.url ?? "");
    const { hostname, port } = new URL(`http://${message.url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    socket.on("error", () => target.destroy());
    target.on("error", () => socket.destroy());
    socket.on("close", () => target.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  for (const except of ["", "127.0.0.1"]) {
    const model = createModel({ kind: "chat", baseURL: endpoint.url, proxy: { url, except } });
    expect(textOf(await collect(model.stream(request, never)))).toBe("You said: hello");
  }
  expect(tunnels).toEqual([new URL(endpoint.url).host]);
  await endpoint[Symbol.asyncDispose]();
  await new Promise((resolve) => {
    proxy.close(resolve);
  });
});
