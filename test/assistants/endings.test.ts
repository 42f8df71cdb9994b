import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ModelFailed } from "../../src/assistants/models/model.ts";
import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";
import { call, end, hanging, text } from "../doubles/model.ts";

/** Runs to the end with the SDK's own helper, which refuses streams that break its rules. */
async function watch(
  client: OpenAI,
  thread: string,
  assistant: string,
  during?: (run: string) => Promise<unknown>,
) {
  const stream = client.beta.threads.runs.stream(thread, { assistant_id: assistant });
  const names: string[] = [];
  stream.on("event", ({ event }) => void names.push(event));
  if (during !== undefined) {
    await stream.emitted("textDelta");
    await during(stream.currentRun()?.id ?? "");
  }
  return { run: await stream.finalRun(), names };
}

async function lastMessage(client: OpenAI, thread: string) {
  return (await client.beta.threads.messages.list(thread, { limit: 1 })).data[0];
}

onEachDatabase((backend) => {
  let database: Database;
  beforeAll(async () => {
    database = await backend.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("a run that is cancelled in the middle of its text keeps the text and frees its thread", async () => {
    await using here = await openProcess(database, hanging("Well,"));
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const { run, names } = await watch(here.client, thread, assistant, async (id) => {
      expect(await runs.cancel(id, { thread_id: thread })).toMatchObject({ status: "cancelling" });
    });
    expect(run).toMatchObject({
      status: "cancelled",
      cancelled_at: expect.any(Number),
      expires_at: null,
    });
    expect(names.slice(-4)).toEqual([
      "thread.run.cancelling",
      "thread.message.incomplete",
      "thread.run.step.cancelled",
      "thread.run.cancelled",
    ]);
    expect(await lastMessage(here.client, thread)).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "run_cancelled" },
      content: [{ text: { value: "Well," } }],
    });
    await here.client.beta.threads.messages.create(thread, { role: "user", content: "Go on" });
    await expect(runs.cancel(run.id, { thread_id: thread })).rejects.toMatchObject({
      status: 400,
      error: {
        message: "Cannot cancel run with status 'cancelled'.",
        type: "invalid_request_error",
      },
    });
  });

  test("a cancelled run that waits for tool outputs ends at once and takes no outputs", async () => {
    await using here = await openProcess(database, () => [...call(0, "f", {}), end("tool_calls")]);
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const waiting = await runs.createAndPoll(thread, { assistant_id: assistant });
    await runs.cancel(waiting.id, { thread_id: thread });
    expect(await runs.retrieve(waiting.id, { thread_id: thread })).toMatchObject({
      status: "cancelled",
      required_action: null,
    });
    const steps = await runs.steps.list(waiting.id, { thread_id: thread });
    expect(steps.data).toMatchObject([{ status: "cancelled", cancelled_at: expect.any(Number) }]);
    await expect(
      runs.submitToolOutputs(waiting.id, { thread_id: thread, tool_outputs: [] }),
    ).rejects.toThrow('Runs in status "cancelled" do not accept tool outputs.');
  });

  test("a run that asks for tools expires ten minutes after its creation", async () => {
    let clock = 1_800_000_000_000;
    await using here = await openProcess(database, () => [...call(0, "f", {}), end("tool_calls")], {
      now: () => clock,
    });
    const { assistant, thread } = await prepare(here.client);
    const { runs, messages } = here.client.beta.threads;
    const run = await runs.createAndPoll(thread, { assistant_id: assistant });
    expect(run).toMatchObject({ status: "requires_action", expires_at: 1_800_000_600 });
    clock += 599_000;
    await expect(messages.create(thread, { role: "user", content: "Now?" })).rejects.toThrow(
      `Can't add messages to ${thread} while a run ${run.id} is active.`,
    );
    clock += 1_000;
    const [asked] = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    const outputs = [{ tool_call_id: asked?.id ?? "", output: "late" }];
    await expect(
      runs.submitToolOutputs(run.id, { thread_id: thread, tool_outputs: outputs }),
    ).rejects.toThrow('Runs in status "expired" do not accept tool outputs.');
    await messages.create(thread, { role: "user", content: "Now?" });
  });

  test("an operator may give runs another lifetime", async () => {
    await using here = await openProcess(database, undefined, { runLifetime: 3_600 });
    const { assistant, thread } = await prepare(here.client);
    const run = await here.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    expect(run.expires_at).toBe(run.created_at + 3_600);
  });

  test("a run that nobody asks about expires as well, together with its step", async () => {
    let clock = 1_800_000_000_000;
    await using here = await openProcess(database, () => [...call(0, "f", {}), end("tool_calls")], {
      now: () => clock,
      tick: 10,
    });
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const run = await runs.createAndPoll(thread, { assistant_id: assistant });
    clock += 600_000;
    await here.server.start();
    expect((await runs.list(thread)).data).toMatchObject([{ status: "expired", expires_at: null }]);
    const steps = await runs.steps.list(run.id, { thread_id: thread });
    expect(steps.data).toMatchObject([{ status: "expired", expired_at: 1_800_000_600 }]);
  });

  test("a run that takes too long expires while it is streamed", async () => {
    let clock = 1_800_000_000_000;
    await using here = await openProcess(database, hanging("Well,"), {
      now: () => clock,
      tick: 10,
    });
    await here.server.start();
    const { assistant, thread } = await prepare(here.client);
    const { run, names } = await watch(here.client, thread, assistant, async () => {
      clock += 600_000;
    });
    expect(run.status).toBe("expired");
    expect(names.slice(-3)).toEqual([
      "thread.message.incomplete",
      "thread.run.step.expired",
      "thread.run.expired",
    ]);
  });

  test("a failure before the first word is tried again, and the run completes", async () => {
    await using here = await openProcess(database, function* (_, count) {
      if (count < 2)
        throw new ModelFailed("busy", {
          code: "rate_limit_exceeded",
          passing: true,
          retryAfter: 1,
        });
      yield* text("At last.");
      yield end();
    });
    const { assistant, thread } = await prepare(here.client);
    expect((await watch(here.client, thread, assistant)).run.status).toBe("completed");
    expect(here.model.requests).toHaveLength(3);
  });

  test("a failure in the middle of the text is final and keeps the text", async () => {
    await using here = await openProcess(database, function* () {
      yield* text("Then");
      throw new ModelFailed("The model is gone.", { code: "server_error", passing: true });
    });
    const { assistant, thread } = await prepare(here.client);
    const { run, names } = await watch(here.client, thread, assistant);
    expect(run).toMatchObject({
      status: "failed",
      last_error: { code: "server_error", message: "The model is gone." },
      failed_at: expect.any(Number),
    });
    expect(names.slice(-3)).toEqual([
      "thread.message.incomplete",
      "thread.run.step.failed",
      "thread.run.failed",
    ]);
    expect(here.model.requests).toHaveLength(1);
    expect(await lastMessage(here.client, thread)).toMatchObject({
      incomplete_details: { reason: "run_failed" },
      content: [{ text: { value: "Then" } }],
    });
  });

  test("a model that throws anything else fails the run without telling its innards", async () => {
    await using here = await openProcess(database, () => {
      throw new TypeError("secret of http://10.0.0.1");
    });
    const { assistant, thread } = await prepare(here.client);
    const { run } = await watch(here.client, thread, assistant);
    expect(run).toMatchObject({ status: "failed", last_error: { code: "server_error" } });
    expect(run.last_error?.message).not.toContain("secret");
  });

  test("an answer that breaks off without an end fails the run", async () => {
    await using here = await openProcess(database, () => text("Half an"));
    const { assistant, thread } = await prepare(here.client);
    expect((await watch(here.client, thread, assistant)).run.status).toBe("failed");
  });

  test.each([
    ["max_tokens", { reason: "max_completion_tokens" }],
    ["content_filter", {}],
  ] as const)("an answer that ends by %s is incomplete", async (reason, details) => {
    await using here = await openProcess(database, () => [...text("Cut"), end(reason)]);
    const { assistant, thread } = await prepare(here.client);
    const { run, names } = await watch(here.client, thread, assistant);
    expect(run).toMatchObject({
      status: "incomplete",
      incomplete_details: details,
      completed_at: null,
    });
    expect(names.slice(-3)).toEqual([
      "thread.message.incomplete",
      "thread.run.step.completed",
      "thread.run.incomplete",
    ]);
    expect(await lastMessage(here.client, thread)).toMatchObject({
      incomplete_details: { reason },
    });
  });

  test("completion tokens count over the whole run", async () => {
    await using here = await openProcess(database, function* (_, count) {
      if (count === 0) yield* call(0, "f", {});
      else yield* text("More");
      yield { type: "end", reason: "stop", usage: { promptTokens: 5, completionTokens: 250 } };
    });
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const waiting = await runs.createAndPoll(thread, {
      assistant_id: assistant,
      max_completion_tokens: 256,
    });
    const [asked] = waiting.required_action?.submit_tool_outputs.tool_calls ?? [];
    const run = await runs.submitToolOutputsAndPoll(waiting.id, {
      thread_id: thread,
      tool_outputs: [{ tool_call_id: asked?.id ?? "", output: "ok" }],
    });
    expect(here.model.requests.map((request) => request.maxOutputTokens)).toEqual([256]);
    expect(run).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_completion_tokens" },
      usage: { completion_tokens: 250 },
    });
  });
});
