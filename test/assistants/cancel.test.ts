import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/pool.ts";
import { openProcess, prepare, untilStatus } from "../doubles/assistants.ts";
import { onEachDatabase } from "../doubles/database.ts";
import { call, createGate, end, hanging, type Script, text } from "../doubles/model.ts";

type Runs = OpenAI["beta"]["threads"]["runs"];

const inTools: Script = () => [...text("Let me"), ...call(0, "f", {}), end("tool_calls")];
const submitted = (runs: Runs, run: OpenAI.Beta.Threads.Run) =>
  runs.submitToolOutputs(run.id, {
    thread_id: run.thread_id,
    tool_outputs: (run.required_action?.submit_tool_outputs.tool_calls ?? []).map(({ id }) => ({
      tool_call_id: id,
      output: "",
    })),
  });

onEachDatabase((backend) => {
  let database: Database;
  beforeAll(async () => {
    database = await backend.open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("a run is cancelled before its first word, and a second time is refused", async () => {
    await using here = await openProcess(database, hanging());
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const asked = here.model.asked();
    const run = await runs.create(thread, { assistant_id: assistant });
    await asked;
    const tries = await Promise.allSettled([
      runs.cancel(run.id, { thread_id: thread }),
      runs.cancel(run.id, { thread_id: thread }),
    ]);
    const refused = tries.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused).toMatchObject([
      { message: expect.stringMatching(/^400 Cannot cancel run with status 'cancell(ing|ed)'\.$/) },
    ]);
    const ended = await untilStatus(here.client, thread, run.id, "cancelled");
    expect(ended).toMatchObject({ usage: { total_tokens: 0 }, last_error: null });
    expect((await here.client.beta.threads.messages.list(thread)).data).toHaveLength(1);
  });

  test("a run is cancelled in the request that follows its creation, whatever it was doing", async () => {
    await using here = await openProcess(database, hanging("Well,"));
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    for (let round = 0; round < 10; round++) {
      const run = await runs.create(thread, { assistant_id: assistant });
      await runs.cancel(run.id, { thread_id: thread });
      const ended = await untilStatus(here.client, thread, run.id, "cancelled", "failed");
      expect(ended).toMatchObject({ status: "cancelled", cancelled_at: expect.any(Number) });
    }
  });

  test("a run that has its outputs but no answer yet is cancelled, and takes no outputs meanwhile", async () => {
    const gate = createGate();
    await using here = await openProcess(database, async function* (request, count, signal) {
      if (count === 0) yield* inTools(request, count, signal);
      else {
        void gate.pass();
        yield* hanging()(request, count, signal);
      }
    });
    const { assistant, thread } = await prepare(here.client);
    const { runs } = here.client.beta.threads;
    const waiting = await runs.createAndPoll(thread, { assistant_id: assistant });
    await submitted(runs, waiting);
    await gate.reached;
    await expect(submitted(runs, waiting)).rejects.toThrow(
      '400 Runs in status "in_progress" do not accept tool outputs.',
    );
    await runs.cancel(waiting.id, { thread_id: thread });
    await untilStatus(here.client, thread, waiting.id, "cancelled");
    const steps = await runs.steps.list(waiting.id, { thread_id: thread, order: "asc" });
    expect(steps.data.map(({ status }) => status)).toEqual(["completed", "completed"]);
  });
});
