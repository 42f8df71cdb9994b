import { BadRequestError } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createModel } from "../../src/assistants/models/index.ts";
import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare, untilStatus } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";
import { createModelEndpoint } from "../doubles/model-endpoint.ts";
import { call, createGate, end, hanging, text } from "../doubles/model.ts";

onEachDatabase((backend) => {
  let database: Database;
  beforeAll(async () => {
    database = await backend.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("of twenty runs that are created at once on one thread, one is; the others and messages are told why", async () => {
    const gate = createGate();
    await using here = await openProcess(database, async function* () {
      await gate.pass();
      yield* text("Done.");
      yield end();
    });
    const { assistant, thread } = await prepare(here.client);
    const { runs, messages } = here.client.beta.threads;
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        runs.create(thread, {
          assistant_id: assistant,
          // Half of them take the longer way, through a transaction with messages.
          additional_messages: index % 2 === 0 ? [] : [{ role: "user", content: `Also ${index}` }],
        }),
      ),
    );
    const created = tries.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(created).toHaveLength(1);
    const [run] = created;
    const reasons = tries.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    for (const reason of reasons) {
      expect(reason).toMatchObject({
        status: 400,
        error: {
          message: `Thread ${thread} already has an active run ${run?.id}.`,
          type: "invalid_request_error",
          param: null,
          code: null,
        },
      });
    }
    await expect(messages.create(thread, { role: "user", content: "Hi?" })).rejects.toMatchObject({
      status: 400,
      error: {
        message: `Can't add messages to ${thread} while a run ${run?.id} is active.`,
        code: null,
      },
    });
    gate.open();
    await untilStatus(here.client, thread, run?.id ?? "", "completed");
    const left = (await messages.list(thread)).data.filter((message) => message.role === "user");
    expect(left.length).toBeLessThanOrEqual(2);
  });

  test("two hundred runs on two hundred threads, started at once against one endpoint, all complete", async () => {
    await using endpoint = await createModelEndpoint();
    const model = createModel({ kind: "chat", baseURL: endpoint.url });
    await using here = await openProcess(database, undefined, { models: () => model });
    const { id } = await here.client.beta.assistants.create({ model: "test-model" });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const stream = here.client.beta.threads.createAndRunStream({
          assistant_id: id,
          thread: { messages: [{ role: "user", content: `Number ${index}` }] },
        });
        const [message] = await stream.finalMessages();
        return message?.content;
      }),
    );
    for (const [index, content] of answers.entries()) {
      expect(content).toMatchObject([{ text: { value: `You said: Number ${index}` } }]);
    }
  });

  test("outputs that are submitted twice at once are taken once", async () => {
    await using here = await openProcess(database, (_, count) =>
      count === 0 ? [...call(0, "f", {}), end("tool_calls")] : [...text("Thanks."), end()],
    );
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const run = await runs.createAndPoll(thread, { assistant_id: assistant });
    const [asked] = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    const outputs = [{ tool_call_id: asked?.id ?? "", output: "42" }];
    const submit = () =>
      runs.submitToolOutputs(run.id, { thread_id: thread, tool_outputs: outputs });
    const tries = await Promise.allSettled([submit(), submit(), submit()]);
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await untilStatus(here.client, thread, run.id, "completed");
    expect(here.model.requests).toHaveLength(2);
  });

  test("outputs must be complete and meant for the calls that wait", async () => {
    await using here = await openProcess(database, () => [
      ...call(0, "f", {}),
      ...call(1, "g", {}),
      end("tool_calls"),
    ]);
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const run = await runs.createAndPoll(thread, { assistant_id: assistant });
    const [one, two] = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    const outputs = [{ tool_call_id: one?.id ?? "", output: "1" }];
    await expect(
      runs.submitToolOutputs(run.id, { thread_id: thread, tool_outputs: outputs }),
    ).rejects.toThrow(
      `400 Expected tool outputs for call_ids ['${one?.id}', '${two?.id}'], got ['${one?.id}']`,
    );
  });

  test("deleting a thread ends the run that is at work on it", async () => {
    const ended = createGate();
    await using here = await openProcess(database, async function* (request, count, signal) {
      try {
        yield* hanging()(request, count, signal);
      } finally {
        void ended.pass();
      }
    });
    await here.server.start();
    const { assistant, thread } = await prepare(here.client);
    const asked = here.model.asked();
    const run = await here.client.beta.threads.runs.create(thread, { assistant_id: assistant });
    await asked;
    await here.client.beta.threads.delete(thread);
    await ended.reached;
    await expect(untilStatus(here.client, thread, run.id, "failed")).rejects.toThrow(
      `No thread found with id '${thread}'.`,
    );
  });

  test("deletions and cancellations among running runs leave nothing hanging", async () => {
    await using here = await openProcess(database);
    await here.server.start();
    const { assistant } = await prepare(here.client);
    const { threads } = here.client.beta;
    const ended = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const run = await threads.createAndRun({ assistant_id: assistant });
        if (index % 3 === 0) {
          await threads.delete(run.thread_id);
          return "deleted";
        }
        if (index % 3 === 1) {
          // Some have completed by now, and say so.
          await threads.runs.cancel(run.id, { thread_id: run.thread_id }).catch(isTooLate);
        }
        const found = await untilStatus(
          here.client,
          run.thread_id,
          run.id,
          "completed",
          "cancelled",
        );
        return found.status;
      }),
    );
    expect(ended.filter((status) => status === "deleted")).toHaveLength(8);
    expect(
      (
        await database.query(
          "select 1 from run where status in ('queued', 'in_progress', 'cancelling')",
        )
      ).rowCount,
    ).toBe(0);
  });
});

function isTooLate(error: unknown): void {
  if (!(error instanceof BadRequestError) || !error.message.includes("Cannot cancel run"))
    throw error;
}
