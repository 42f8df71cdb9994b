import type OpenAI from "openai";

import { createAssistantsClient } from "../../src/assistants/client.ts";
import {
  type AssistantsServer,
  type AssistantsServerOptions,
  createAssistantsServer,
} from "../../src/assistants/server.ts";
import { createLog } from "../../src/log.ts";
import { becomeOwner, type Owner } from "../../src/store/owner.ts";
import type { Database } from "../../src/store/pool.ts";
import { createScriptedModel, saying, type Script, type ScriptedModel } from "./model.ts";
import { watchServer } from "./watched.ts";

/**
 * One process of the Assistants server, as far as the database can tell. Everything it answers is held against
 * the published contract; what breaks it fails the test when the process is disposed of.
 */
export interface Process extends AsyncDisposable {
  readonly server: AssistantsServer;
  readonly client: OpenAI;
  readonly owner: Owner;
  readonly model: ScriptedModel;
  /** The database sees the process die: its lock is gone. What it was doing goes on, as a frozen process might. */
  die(): Promise<void>;
}

const log = createLog("silent");

export async function openProcess(
  database: Database,
  script: Script = saying("Hello", " there."),
  options: Partial<AssistantsServerOptions> = {},
): Promise<Process> {
  const owner = await becomeOwner(database, log);
  const model = createScriptedModel(script);
  const { server, violations } = watchServer(
    createAssistantsServer({ database, owner, models: () => model, log, ...options }),
  );
  let dead = false;

  async function die(): Promise<void> {
    if (dead) return;
    dead = true;
    // The embedded database has one session, which outlives its owners.
    if (database.embedded) await database.query("select pg_advisory_unlock($1)", [owner.id]);
    await owner[Symbol.asyncDispose]();
  }

  return {
    server,
    owner,
    model,
    client: createAssistantsClient({ server }),
    die,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await die();
      if (violations.length > 0)
        throw new Error(`The contract is broken:\n${violations.join("\n")}`);
    },
  };
}

/** An assistant and a thread with one message, to run. */
export async function prepare(
  client: OpenAI,
  fields: Partial<OpenAI.Beta.AssistantCreateParams> = {},
): Promise<{ assistant: string; thread: string }> {
  const assistant = await client.beta.assistants.create({ model: "test-model", ...fields });
  const thread = await client.beta.threads.create({ messages: [{ role: "user", content: "Hi" }] });
  return { assistant: assistant.id, thread: thread.id };
}

/** Settles with the run once it has the status; polls, because other processes' runs announce nothing here. */
export async function untilStatus(
  client: OpenAI,
  thread: string,
  run: string,
  ...wanted: OpenAI.Beta.Threads.RunStatus[]
): Promise<OpenAI.Beta.Threads.Run> {
  const until = Date.now() + 8_000;
  for (;;) {
    const found = await client.beta.threads.runs.retrieve(run, { thread_id: thread });
    if (wanted.includes(found.status)) return found;
    if (Date.now() > until) {
      throw new Error(
        `Run ${run} is ${found.status}, not ${wanted.join(" or ")}: ${JSON.stringify(found.last_error)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
