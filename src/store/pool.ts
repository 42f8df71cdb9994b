import { AsyncLocalStorage } from "node:async_hooks";

import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import { Pool, type PoolClient, type QueryResult } from "pg";

/** Something that runs SQL: the pool, or one transaction of it. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number }>;
}

/**
 * The one way to the database: a `pg.Pool` over PGlite in this process, or over Postgres.
 * Inside `transaction` only SQL on the transaction itself may be awaited: on PGlite the pool has a
 * single connection, so anything else would wait for itself. Such a query is refused at once.
 */
export interface Database extends Sql, AsyncDisposable {
  readonly embedded: boolean;
  /** The Postgres URL; undefined when embedded. */
  readonly url: string | undefined;
  /** For libraries that want node-postgres itself. Guarded like `query`. */
  readonly pool: Pool;
  /** Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

class NestedQuery extends Error {
  override readonly name = "NestedQuery";
}

type PoolCallback = Parameters<Pool["connect"]>[0];

/** A pool that refuses to be used inside one of its own transactions. */
class GuardedPool extends Pool {
  /** `open` turns false when the transaction has ended: what outlives it (a timer, an event) may use the pool again. */
  readonly scope = new AsyncLocalStorage<{ open: boolean }>();

  // `query` goes through `connect`, so guarding this one covers both.
  override connect(): Promise<PoolClient>;
  override connect(callback: PoolCallback): void;
  override connect(callback?: PoolCallback): Promise<PoolClient> | void {
    if (this.scope.getStore()?.open === true) {
      throw new NestedQuery("Inside a transaction only SQL on that transaction may be awaited.");
    }
    return callback === undefined ? super.connect() : super.connect(callback);
  }
}

/**
 * The pool of the embedded database never gives its one connection up: node-postgres' pool would end it after any
 * refused statement, and what the statement still had to say would then confuse its successor for good.
 */
class EmbeddedPool extends GuardedPool {
  override connect(): Promise<PoolClient>;
  override connect(callback: PoolCallback): void;
  override connect(callback?: PoolCallback): Promise<PoolClient> | void {
    if (callback === undefined) return super.connect().then(keep);
    super.connect((error, client, done) => {
      const kept = client && keep(client);
      callback(error, kept, kept === undefined ? done : () => kept.release());
    });
  }
}

function keep(client: PoolClient): PoolClient {
  const release = client.release.bind(client);
  client.release = () => release();
  return client;
}

/** Milliseconds to wait for a free connection before the caller is told. */
const CONNECT_TIMEOUT = 15_000;

export interface DatabaseOptions {
  /** Postgres; without it the database is embedded in `dataDir`. */
  readonly url?: string | undefined;
  /** A folder, or `memory://` for a database that ends with the process. */
  readonly dataDir?: string;
  /** Connections to Postgres; PGlite has exactly one. */
  readonly connections?: number;
  readonly onError?: (error: Error) => void;
}

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url } = options;
  if (url === undefined) return openEmbedded(options);
  const pool = new GuardedPool({
    connectionString: url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
  });
  return createDatabase(pool, { url, onError: options.onError, close: () => pool.end() });
}

async function openEmbedded(options: DatabaseOptions): Promise<Database> {
  const lite = new PGlite({
    dataDir: options.dataDir ?? "memory://",
    // The default of 128 MB is memory that a single session never needs.
    startParams: [...PGlite.defaultStartParams, "-c", "shared_buffers=8MB"],
  });
  await lite.waitReady;
  const config: object = createPgConfig(lite);
  const pool = new EmbeddedPool({
    ...config,
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    idleTimeoutMillis: 0,
  });
  return createDatabase(pool, {
    url: undefined,
    onError: options.onError,
    close: async () => {
      await pool.end();
      await lite.close();
    },
  });
}

interface Backend {
  readonly url: string | undefined;
  readonly onError: ((error: Error) => void) | undefined;
  close(): Promise<void>;
}

function createDatabase(pool: GuardedPool, backend: Backend): Database {
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", (error) => backend.onError?.(error));

  return {
    embedded: backend.url === undefined,
    url: backend.url,
    pool,
    async query<Row extends object>(text: string, values?: readonly unknown[]) {
      return rowsOf<Row>(
        await pool.query<Row>(text, values === undefined ? undefined : [...values]),
      );
    },
    async transaction(work) {
      const client = await pool.connect();
      const scope = { open: true };
      try {
        await client.query("begin");
        const result = await pool.scope.run(scope, () => work(sqlOf(client)));
        await client.query("commit");
        client.release();
        return result;
      } catch (error) {
        await rollBack(client, error);
        throw error;
      } finally {
        scope.open = false;
      }
    },
    async [Symbol.asyncDispose]() {
      await backend.close();
    },
  };
}

/** A connection taken from the pool, as `Sql`. */
export function sqlOf(client: PoolClient): Sql {
  return {
    async query<Row extends object>(text: string, values?: readonly unknown[]) {
      return rowsOf<Row>(
        await client.query<Row>(text, values === undefined ? undefined : [...values]),
      );
    },
  };
}

/** A connection that cannot even roll back is thrown away, not returned to the pool. */
async function rollBack(client: PoolClient, cause: unknown): Promise<void> {
  try {
    await client.query("rollback");
    client.release();
  } catch {
    client.release(cause instanceof Error ? cause : true);
  }
}

/** A script of several statements (without values) answers with one result for each: their rows in order. */
function rowsOf<Row extends object>(
  result: QueryResult<Row> | QueryResult<Row>[],
): { rows: Row[]; rowCount: number } {
  if (!Array.isArray(result)) return { rows: result.rows, rowCount: result.rowCount ?? 0 };
  return {
    rows: result.flatMap((one) => one.rows ?? []),
    rowCount: result.reduce((sum, one) => sum + (one.rowCount ?? 0), 0),
  };
}
