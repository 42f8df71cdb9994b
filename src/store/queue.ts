import { Client } from "pg";
import { PgBoss } from "pg-boss";
import { z } from "zod";

import type { Log } from "../log.ts";
import { type Database, type Sql, sqlOf } from "./pool.ts";

/** What complete() answers; its declared type leaves the count out. */
const Affected = z.object({ affected: z.number() });

/** A claim on the head of a conversation: `attempt` is the fence that completing it must match. */
export interface Claim {
  readonly id: string;
  readonly attempt: number;
}

/**
 * The durable queue: strictly first in, first out per key, one job of a key active at a time.
 * pg-boss is the engine; who asks for jobs, and when, is the dispatcher's business.
 */
export interface Queue extends AsyncDisposable {
  /** Part of the caller's transaction. A job whose id was seen before is ignored. */
  send(sql: Sql, id: string, key: string): Promise<void>;
  /** Claims the heads of up to `count` keys that nobody holds. */
  claim(count: number): Promise<Claim[]>;
  /** Tells that this process still works on them: a claim that is not touched for 10 s is given to another. */
  touch(claims: readonly Claim[]): Promise<void>;
  /** Part of the caller's transaction: false when another attempt has taken the head over. `also` are queued jobs that it answered. */
  complete(sql: Sql, head: Claim, also: readonly string[]): Promise<boolean>;
  /** Part of the caller's transaction: a job that waits is done with. */
  drop(sql: Sql, id: string): Promise<void>;
  /** Puts a job back at the head of its key. */
  giveBack(claim: Claim, reason: string): Promise<void>;
}

const NAME = "inbox";
/** One number for all processes of this product; any fixed value serves. */
const START_LOCK = 727_248_002;
/** Seconds. Longer than any turn's deadline (limits.turn_seconds is at most 3,600), so pg-boss never ends a living turn. */
const EXPIRY = 2 * 3_600;
/** Seconds. Longer than the 7 days for which platforms may deliver late, and than Discord's catch-up age. */
const RETENTION = 14 * 86_400;
/** Seconds without a touch until a claim passes to another process: covers a process that is frozen, not dead. */
const HEARTBEAT = 10;
/** pg-boss wants a number; the dispatcher ends a job that keeps failing long before. */
const RETRIES = 10_000;

export async function openQueue(database: Database, log: Log): Promise<Queue> {
  const boss = new PgBoss({
    db: poolExecutor(database),
    backend: database.embedded ? "pglite" : "postgres",
    schedule: false,
    reindex: false,
    monitorIntervalSeconds: 2,
    superviseIntervalSeconds: 2,
  });
  boss.on("error", (error) =>
    log.warn({ error: error.message }, "the queue's own upkeep failed; it is tried again"),
  );
  await using _alone = await startAlone(database);
  await boss.start();
  const settings = {
    heartbeatSeconds: HEARTBEAT,
    expireInSeconds: EXPIRY,
    retentionSeconds: RETENTION,
    deleteAfterSeconds: RETENTION,
    retryLimit: RETRIES,
  };
  if ((await boss.getQueue(NAME)) === null) {
    await boss.createQueue(NAME, { policy: "key_strict_fifo", ...settings });
  } else {
    await boss.updateQueue(NAME, settings);
  }
  // pg-boss looks a queue's settings up on first use, outside the caller's transaction; this is that first use.
  await boss.getBlockedKeys(NAME);
  return queueOver(boss);
}

/** Processes that start together on an empty Postgres must not both make pg-boss's tables: they wait for each other. */
async function startAlone({ url }: Database): Promise<AsyncDisposable | undefined> {
  if (url === undefined) return undefined;
  // A connection of its own: the pool may have a single one, and pg-boss needs that.
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("select pg_advisory_lock($1)", [START_LOCK]);
  return { [Symbol.asyncDispose]: () => client.end() };
}

function queueOver(boss: PgBoss): Queue {
  return {
    async send(sql, id, key) {
      await boss.send(NAME, {}, { id, singletonKey: key, db: executorOf(sql) });
    },
    async claim(count) {
      const jobs = await boss.fetch(NAME, { batchSize: count, includeMetadata: true });
      return jobs.map((job) => ({ id: job.id, attempt: job.retryCount }));
    },
    async touch(claims) {
      if (claims.length > 0) await boss.touch(NAME, claims.map(attemptOf));
    },
    async complete(sql, head, also) {
      const db = executorOf(sql);
      const done = Affected.parse(await boss.complete(NAME, attemptOf(head), null, { db }));
      if (done.affected !== 1) return false;
      // The queued ones have no fence of their own; the head's has just been proven.
      if (also.length > 0) await boss.complete(NAME, [...also], null, { db, includeQueued: true });
      return true;
    },
    async drop(sql, id) {
      await boss.complete(NAME, id, null, { db: executorOf(sql), includeQueued: true });
    },
    async giveBack(claim, reason) {
      await boss.fail(NAME, attemptOf(claim), { message: reason });
    },
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: false });
    },
  };
}

function attemptOf(claim: Claim): { id: string; retryCount: number } {
  return { id: claim.id, retryCount: claim.attempt };
}

/** pg-boss's view of a transaction of ours. */
function executorOf(sql: Sql): {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: object[] }>;
} {
  return { executeSql: (text, values) => sql.query(text, values) };
}

/**
 * pg-boss's view of the pool. Its scripts bring their own begin and commit, so one that fails leaves its
 * connection inside a broken transaction, which must not go back to the pool.
 */
function poolExecutor(database: Database): ReturnType<typeof executorOf> {
  return {
    async executeSql(text, values) {
      const client = await database.pool.connect();
      try {
        return await sqlOf(client).query(text, values);
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },
  };
}
