import type OpenAI from "openai";
import { BadRequestError, NotFoundError } from "openai";

import { contextOf } from "./context.ts";
import { preparePrompt, type Prompt } from "./prompt.ts";
import type { Attempt } from "./attempt.ts";
import { followRun, type RunParts, type RunProgress, type RunSource } from "./run.ts";
import { answerCalls } from "./tool-step.ts";

type Run = OpenAI.Beta.Threads.Run;

/** A run's progress, with what the reply says below the answer. */
export type TurnProgress = RunProgress & { readonly notes: readonly string[] };

/**
 * An interrupted run is followed by a new one. Not for ever: a question that brings its process down each time must
 * come to an end. Each run survives two interruptions itself, so this is for a process that dies again and again.
 */
const RUNS_PER_TURN = 6;

/**
 * The run of a turn, from wherever it stands to its end: found again after a crash, else started.
 * The messages go to the thread in the same request that makes the run, and the run carries the turn's id,
 * so that nothing is added twice however often this is called.
 */
export async function* runTurn(attempt: Attempt): AsyncGenerator<TurnProgress> {
  const { relay, turn } = attempt;
  let threadId = turn.threadId ?? (await threadOf(attempt));
  await relay.turns.setThread(turn.claim, threadId);
  let runs = turn.runs;
  let notes = turn.notes;
  let found = turn.runId ?? (await findRun(attempt, threadId));

  for (;;) {
    const resumed = found;
    let source: RunSource;
    let prompt: Prompt | undefined;
    if (resumed === undefined) {
      prompt = runs === 0 ? await preparePrompt(attempt) : undefined;
      notes = prompt?.notes ?? notes;
      ({ threadId, source } = await openRun(attempt, threadId, prompt));
    } else {
      source = { runId: resumed };
      if (runs === 0) await relay.turns.setRun(turn.claim, resumed);
      relay.observe({ type: "run", turn: turn.claim.id, run: resumed, resumed: true });
    }
    // A resumed run is counted already, unless its process died before it could.
    if (resumed === undefined || runs === 0) runs += 1;
    let interrupted = false;
    for await (const progress of followRun(partsOf(attempt, threadId, prompt), source)) {
      interrupted =
        progress.type === "ended" && resumed !== undefined && wasInterrupted(progress.run);
      if (interrupted && runs < RUNS_PER_TURN) break;
      yield { ...progress, notes };
    }
    if (!interrupted || runs >= RUNS_PER_TURN) return;
    attempt.log.info({ run: resumed }, "the run was interrupted for good; one new run is started");
    found = undefined;
  }
}

function partsOf(attempt: Attempt, threadId: string, prompt: Prompt | undefined): RunParts {
  const { relay, turn, place, log, signal } = attempt;
  const offered = new Set(toolsOf(attempt).map((tool) => tool.function.name));
  return {
    client: relay.client,
    threadId,
    log,
    signal,
    onRun: async (runId) => {
      await relay.turns.setRun(turn.claim, runId, prompt);
      relay.observe({ type: "run", turn: turn.claim.id, run: runId, resumed: false });
    },
    answerCalls: (runId, calls) =>
      answerCalls({ ...relay, turn, offered, place, signal }, runId, calls),
  };
}

/** A direct message that was idle for long starts afresh. */
function threadOf({ relay, turn, place, questions, settings }: Attempt): Promise<string> {
  const flat = questions.at(-1)?.addressed === "direct" && place.conversation.root === undefined;
  return relay.threads.of(turn.conversation, flat ? settings.directMessagesFreshAfter : undefined);
}

function toolsOf({ relay, channel }: Attempt): OpenAI.Beta.FunctionTool[] {
  const { tools } = channel.assistant;
  return relay.toolbox.functions.filter(
    (tool) => tools === "*" || tools.includes(tool.function.name),
  );
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
  prompt: Prompt | undefined,
): Promise<{ threadId: string; source: RunSource }> {
  try {
    return { threadId, source: { events: await createRun(attempt, threadId, prompt) } };
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
      const again = prompt ?? (await preparePrompt(attempt));
      return { threadId: fresh, source: { events: await createRun(attempt, fresh, again) } };
    }
    if (error instanceof BadRequestError && (await freeThread(attempt, threadId))) {
      return { threadId, source: { events: await createRun(attempt, threadId, prompt) } };
    }
    throw error;
  }
}

async function createRun(attempt: Attempt, threadId: string, prompt: Prompt | undefined) {
  const { relay, turn, questions, settings, channel, signal } = attempt;
  const { assistant } = channel;
  const asked = questions.at(-1);
  const { key, name, instructions, model = relay.defaultModel } = assistant;
  return relay.client.beta.threads.runs.create(
    threadId,
    {
      assistant_id: await relay.assistants.idOf({
        key,
        name,
        instructions,
        model,
        tools: toolsOf(attempt),
      }),
      ...(asked !== undefined && {
        additional_instructions: contextOf(asked, new Date(), settings.timeZone),
      }),
      ...(prompt !== undefined && { additional_messages: prompt.messages }),
      ...(assistant.temperature !== undefined && { temperature: assistant.temperature }),
      ...(assistant.reasoningEffort !== undefined && {
        reasoning_effort: assistant.reasoningEffort,
      }),
      metadata: { turn: turn.claim.id, conversation: turn.conversation.slice(0, 512) },
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
