import type OpenAI from "openai";
import { BadRequestError, NotFoundError } from "openai";

import { contextOf, threadMessageOf } from "./context.ts";
import type { Attempt } from "./relay.ts";
import { followRun, type RunParts, type RunProgress, type RunSource } from "./run.ts";
import { answerCalls } from "./tool-step.ts";

type Run = OpenAI.Beta.Threads.Run;

/** An interrupted run is followed by one new one, not by more. */
const RUNS_PER_TURN = 2;

/**
 * The run of a turn, from wherever it stands to its end: found again after a crash, else started.
 * The messages go to the thread in the same request that makes the run, and the run carries the turn's id,
 * so that nothing is added twice however often this is called.
 */
export async function* runTurn(attempt: Attempt): AsyncGenerator<RunProgress> {
  const { relay, turn, log, signal } = attempt;
  let threadId = turn.threadId ?? (await relay.threads.of(turn.conversation));
  await relay.turns.setThread(turn.claim, threadId);
  let runs = turn.runs;
  let found = turn.runId ?? (await findRun(attempt, threadId));

  for (;;) {
    const opened: { threadId: string; source: RunSource } =
      found === undefined
        ? await openRun(attempt, threadId, runs === 0)
        : { threadId, source: { runId: found } };
    threadId = opened.threadId;
    if (found !== undefined && runs === 0) await relay.turns.setRun(turn.claim, found);
    runs += 1;
    const parts: RunParts = {
      client: relay.client,
      threadId,
      log,
      signal,
      onRun: async (runId) => {
        await relay.turns.setRun(turn.claim, runId);
        relay.observe({ type: "run", turn: turn.claim.id, run: runId, resumed: false });
      },
      answerCalls: (runId, calls) =>
        answerCalls({ ...relay, turn, place: attempt.place, signal }, runId, calls),
    };
    if (found !== undefined)
      relay.observe({ type: "run", turn: turn.claim.id, run: found, resumed: true });

    let interrupted = false;
    for await (const progress of followRun(parts, opened.source)) {
      interrupted =
        progress.type === "ended" && found !== undefined && wasInterrupted(progress.run);
      if (interrupted && runs < RUNS_PER_TURN) break;
      yield progress;
    }
    if (!interrupted || runs >= RUNS_PER_TURN) return;
    log.info({ run: found }, "the run was interrupted for good; one new run is started");
    found = undefined;
  }
}

/** A run that was started just before its process died, before its id could be recorded. */
async function findRun(
  { relay, turn, signal }: Attempt,
  threadId: string,
): Promise<string | undefined> {
  if (turn.claim.attempt === 0) return undefined;
  const page = await relay.client.beta.threads.runs.list(
    threadId,
    { order: "desc", limit: 5 },
    { signal },
  );
  return page.data.find((run) => run.metadata?.["turn"] === turn.claim.id)?.id;
}

/** Starts a run; what stands in its way on the server (a lost thread, an orphaned run) is cleared away once. */
async function openRun(
  attempt: Attempt,
  threadId: string,
  withMessages: boolean,
): Promise<{ threadId: string; source: RunSource }> {
  try {
    return { threadId, source: { events: await createRun(attempt, threadId, withMessages) } };
  } catch (error) {
    const { relay, turn, log } = attempt;
    if (error instanceof NotFoundError) {
      log.warn(
        { thread: threadId },
        "the server does not know this thread any more; a fresh one is made",
      );
      relay.assistants.forget();
      await relay.threads.forget(turn.conversation);
      const fresh = await relay.threads.of(turn.conversation);
      await relay.turns.setThread(turn.claim, fresh);
      return { threadId: fresh, source: { events: await createRun(attempt, fresh, true) } };
    }
    if (error instanceof BadRequestError && (await freeThread(attempt, threadId))) {
      return { threadId, source: { events: await createRun(attempt, threadId, withMessages) } };
    }
    throw error;
  }
}

async function createRun(
  { relay, turn, place, signal }: Attempt,
  threadId: string,
  withMessages: boolean,
) {
  const asker = turn.messages.at(-1);
  return relay.client.beta.threads.runs.create(
    threadId,
    {
      assistant_id: await relay.assistants.idOf(relay.assistant),
      ...(asker !== undefined && {
        additional_instructions: contextOf(asker, new Date(), relay.timeZone),
      }),
      ...(withMessages && {
        additional_messages: turn.messages.map((message) => ({
          role: "user" as const,
          content: threadMessageOf(message),
          metadata: { author: message.author.id, message: message.id },
        })),
      }),
      tools: [...relay.toolbox.functions],
      metadata: {
        turn: turn.claim.id,
        conversation: turn.conversation.slice(0, 512),
        place: place.question,
      },
      stream: true,
    },
    { signal },
  );
}

/** This turn holds the conversation, so any other run that is active on its thread is an orphan: it is cancelled. */
async function freeThread({ relay, log, signal }: Attempt, threadId: string): Promise<boolean> {
  const { runs } = relay.client.beta.threads;
  const page = await runs.list(threadId, { order: "desc", limit: 5 }, { signal });
  const orphan = page.data.find((run) => isActive(run));
  if (orphan === undefined) return false;
  log.warn({ run: orphan.id }, "an orphaned run locks the thread; it is cancelled");
  if (orphan.status !== "cancelling")
    await runs.cancel(orphan.id, { thread_id: threadId }, { signal });
  await runs.poll(orphan.id, { thread_id: threadId }, { signal });
  return true;
}

function isActive({ status }: Run): boolean {
  return (
    status === "queued" ||
    status === "in_progress" ||
    status === "requires_action" ||
    status === "cancelling"
  );
}

/** How a run that died with its process ends: the server gave it up, or nobody was there before it expired. */
function wasInterrupted(run: Run): boolean {
  return (
    run.status === "expired" || (run.status === "failed" && run.last_error?.code === "server_error")
  );
}
