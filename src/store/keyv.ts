import { KeyvPostgres } from "@keyv/postgres";
import { Keyv } from "keyv";

import type { Database } from "./pool.ts";

/** @keyv/postgres on the pool that everything else uses, instead of a pool of its own. */
class PoolStore extends KeyvPostgres {
  readonly #database: Database;

  constructor(database: Database, table: string) {
    super({ table });
    this.#database = database;
  }

  override async connect(): ReturnType<KeyvPostgres["connect"]> {
    return async (text: string, values?: unknown[]) =>
      (await this.#database.query(text, values)).rows;
  }

  /** The pool is not ours to end. */
  override async disconnect(): Promise<void> {}
}

/**
 * Small key-value data: the thread map, settings, caches. Not for locks or dedupe: there is no compare-and-set.
 * One table for each namespace, because Keyv's clear() empties the whole store.
 */
export function openKeyv<Value>(database: Database, namespace: string): Keyv<Value> {
  return new Keyv<Value>({
    store: new PoolStore(database, `keyv_${namespace}`),
    namespace,
    // A database that is down must not look like a key that is absent.
    throwOnErrors: true,
  });
}
