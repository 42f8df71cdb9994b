import { Fenced } from "../errors.ts";
import type { Question } from "../relay/question.ts";
import { aliveSql, type Owner } from "./owner.ts";
import type { Database, Sql } from "./pool.ts";
import type { Claim, Queue } from "./queue.ts";

/** The messages that one turn answers at most: the most that one run takes as additional_messages. */
const MESSAGES_PER_TURN = 32;

/**
 * A turn as its attempt sees it. States: running → done | failed, or → released (its process stopped or died),
 * from where the next attempt makes it running again.
 */
export interface Turn {
  readonly claim: Claim;
  readonly conversation: string;
  /** What it answers, oldest first; at least one. */
  readonly messages: readonly Question[];
  readonly threadId: string | undefined;
  readonly runId: string | undefined;
  readonly runs: number;
  readonly failures: number;
  /** What the reply says below the answer. */
  readonly notes: readonly string[];
}

/** What is kept when a run starts, because it cannot be found out again. */
export interface RunNotes {
  readonly notes: readonly string[];
  /** The newest message of the thread that the run was given. */
  readonly readUntil: string;
}

export interface Turns {
  /** Opens the turn of a claim, with what else waits in its conversation as long as no run has started. */
  begin(claim: Claim): Promise<Turn>;
  setThread(claim: Claim, threadId: string): Promise<void>;
  /** Counts the run as well, keeps the notes, and remembers that the thread was read up to the message `readUntil`. */
  setRun(claim: Claim, runId: string, also?: RunNotes): Promise<void>;
  /** The last message of a conversation's thread that a run has been given. */
  readUntil(conversation: string): Promise<string | undefined>;
  /** Ends the turn and its queue jobs in one transaction; throws Fenced when another attempt holds it. */
  finish(claim: Claim, outcome: "done" | "failed", error?: string): Promise<void>;
  /** Gives the turn back to the queue; `fault` counts it as a failure of this attempt. */
  release(claim: Claim, reason: string, fault: boolean): Promise<void>;
  /** Gives back the turns whose process is gone; answers how many. */
  reap(): Promise<number>;
}

export function createTurns(database: Database, queue: Queue, owner: Owner): Turns {
  return {
    begin: (claim) => database.transaction((sql) => begin(sql, claim, owner)),

    async setThread(claim, threadId) {
      await write(database, claim, "thread_id = $3", [threadId]);
    },
    setRun: (claim, runId, also) => database.transaction((sql) => setRun(sql, claim, runId, also)),
    async readUntil(conversation) {
      const { rows } = await database.query<{ message_id: string }>(
        "select message_id from read_until where conversation = $1",
        [conversation],
      );
      return rows[0]?.message_id;
    },

    finish: (claim, outcome, error) =>
      database.transaction(async (sql) => {
        await write(sql, claim, "state = $3, error = $4, ended_at = now()", [
          outcome,
          error ?? null,
        ]);
        const { rows } = await sql.query<{ id: string }>(
          "update incoming set state = 'answered' where turn_id = $1 and state = 'taken' returning id",
          [claim.id],
        );
        const also = rows.map((row) => row.id).filter((id) => id !== claim.id);
        if (!(await queue.complete(sql, claim, also)))
          throw new Fenced("The claim has passed to another attempt.");
      }),

    async release(claim, reason, fault) {
      await queue.giveBack(claim, reason);
      await database.query(
        `update turn set state = 'released', error = $3, failures = failures + $4
         where id = $1 and attempt = $2 and state = 'running'`,
        [claim.id, claim.attempt, reason, fault ? 1 : 0],
      );
    },

    reap: () => reap(database, queue),
  };
}

async function setRun(
  sql: Sql,
  claim: Claim,
  runId: string,
  also: RunNotes | undefined,
): Promise<void> {
  await write(sql, claim, "run_id = $3, runs = runs + 1", [runId]);
  if (also === undefined) return;
  await write(sql, claim, "notes = $3", [JSON.stringify(also.notes)]);
  await sql.query(
    `insert into read_until (conversation, message_id) select conversation, $2 from turn where id = $1
     on conflict (conversation) do update set message_id = excluded.message_id`,
    [claim.id, also.readUntil],
  );
}

async function reap(database: Database, queue: Queue): Promise<number> {
  const lost = `state = 'running' and not ${aliveSql("owner")}`;
  const { rows } = await database.query<{ id: string; attempt: number }>(
    `select id, attempt from turn where ${lost}`,
  );
  for (const row of rows) {
    await queue.giveBack(row, "its process is gone");
    await database.query(
      `update turn set state = 'released' where id = $1 and attempt = $2 and ${lost}`,
      [row.id, row.attempt],
    );
  }
  return rows.length;
}

interface TurnRow {
  conversation: string;
  thread_id: string | null;
  run_id: string | null;
  runs: number;
  failures: number;
  notes: string[];
}

async function begin(sql: Sql, claim: Claim, owner: Owner): Promise<Turn> {
  const { rows } = await sql.query<TurnRow>(
    `insert into turn (id, conversation, attempt, owner, state)
     select id, conversation, $2, $3, 'running' from incoming where id = $1
     on conflict (id) do update set attempt = excluded.attempt, owner = excluded.owner, state = 'running'
       where turn.attempt <= excluded.attempt and turn.state <> 'done'
     returning conversation, thread_id, run_id, runs, failures, notes`,
    [claim.id, claim.attempt, owner.id],
  );
  const turn = rows[0];
  if (turn === undefined) throw new Fenced("A later attempt holds this turn.");
  const messages = await take(sql, claim, turn);
  return {
    claim,
    conversation: turn.conversation,
    messages,
    threadId: turn.thread_id ?? undefined,
    runId: turn.run_id ?? undefined,
    runs: turn.runs,
    failures: turn.failures,
    notes: turn.notes,
  };
}

/** Once a run has started, what it was asked is settled; later messages wait for the next turn. */
async function take(sql: Sql, claim: Claim, turn: TurnRow): Promise<Question[]> {
  if (turn.runs === 0) {
    await sql.query(
      `update incoming set state = 'taken', turn_id = $1 where id in
       (select id from incoming where conversation = $2 and (turn_id = $1 or id = $1 or state = 'queued')
        order by id = $1 desc, seq limit ${MESSAGES_PER_TURN})`,
      [claim.id, turn.conversation],
    );
  }
  const { rows } = await sql.query<{ message: Question }>(
    "select message from incoming where turn_id = $1 order by seq",
    [claim.id],
  );
  return rows.map((row) => row.message);
}

async function write(
  sql: Sql,
  claim: Claim,
  set: string,
  values: readonly unknown[],
): Promise<void> {
  const { rowCount } = await sql.query(
    `update turn set ${set} where id = $1 and attempt = $2 and state = 'running'`,
    [claim.id, claim.attempt, ...values],
  );
  if (rowCount !== 1) throw new Fenced("Another attempt holds this turn.");
}
