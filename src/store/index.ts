import type { Config } from "../config.ts";
import { ConfigurationFault, messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { databaseDir, lockDataDir, prepareDatabase } from "./data-dir.ts";
import { createGestures, type Gestures } from "./gestures.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { migrate } from "./migrate.ts";
import { becomeOwner, type Owner } from "./owner.ts";
import { createParts, type Parts } from "./parts.ts";
import { type Database, openDatabase } from "./pool.ts";
import { openQueue, type Queue } from "./queue.ts";
import { createToolCalls, type ToolCalls } from "./tool-calls.ts";
import { createTurns, type Turns } from "./turns.ts";

/** Everything that lasts. */
export interface Store extends AsyncDisposable {
  readonly database: Database;
  readonly owner: Owner;
  readonly queue: Queue;
  readonly inbox: Inbox;
  readonly turns: Turns;
  readonly gestures: Gestures;
  readonly parts: Parts;
  readonly toolCalls: ToolCalls;
}

/** Opens the database, brings it up to date, and becomes one of its owners. Faults of the set-up are ConfigurationFaults. */
export async function openStore(
  config: Pick<Config, "databaseUrl" | "dataDir">,
  log: Log,
): Promise<Store> {
  await using opened = new AsyncDisposableStack();
  const database = await openBackend(config, log, opened);
  await migrate(database);
  const owner = opened.use(await becomeOwner(database, log));
  const queue = opened.use(await openQueue(database, log));
  const turns = createTurns(database, queue, owner);
  const inbox = createInbox(database, queue);
  const held = opened.move();
  return {
    database,
    owner,
    queue,
    inbox,
    turns,
    gestures: createGestures(database, queue),
    parts: createParts(database),
    toolCalls: createToolCalls(database),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function openBackend(
  { databaseUrl, dataDir }: Pick<Config, "databaseUrl" | "dataDir">,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<Database> {
  const onError = (error: Error): void =>
    log.warn({ error: error.message }, "a database connection broke");
  if (databaseUrl === undefined) {
    opened.use(await lockDataDir(dataDir));
    await prepareDatabase(databaseDir(dataDir));
    return opened.use(await openDatabase({ dataDir: databaseDir(dataDir), onError }));
  }
  const database = opened.use(await openDatabase({ url: databaseUrl, onError }));
  try {
    await database.query("select 1");
  } catch (error) {
    throw new ConfigurationFault([
      `DATABASE_URL leads to no usable Postgres (${messageOf(error)}): check host, port, user, password and database name.`,
    ]);
  }
  return database;
}
