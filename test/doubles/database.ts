import { randomBytes } from "node:crypto";

import { Client } from "pg";
import { describe } from "vitest";

import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";

/** Where tests find Postgres: DATABASE_URL's server, else the usual local one. */
const SERVER = process.env["TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** One backend that a suite runs on; `open` gives a migrated database of its own that ends with the scope. */
export interface Backend {
  readonly name: "PGlite" | "Postgres";
  open(options?: { connections?: number }): Promise<Database>;
}

/** Runs the suite on PGlite, and on Postgres where one answers; REQUIRE_POSTGRES=1 makes its absence a failure. */
export function onEachDatabase(suite: (backend: Backend) => void): void {
  describe("on PGlite", () => {
    suite({ name: "PGlite", open: openLite });
  });
  describe.skipIf(!hasPostgres)("on Postgres", () => {
    suite({ name: "Postgres", open: openPostgres });
  });
}

async function openLite(): Promise<Database> {
  const database = await openDatabase({});
  await migrate(database);
  return database;
}

async function openPostgres(options: { connections?: number } = {}): Promise<Database> {
  const empty = await createDatabase();
  const database = await openDatabase({ url: empty.url, ...options });
  await migrate(database);
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await empty.drop();
    },
  };
}

/** A fresh, empty Postgres database, for tests that start whole processes. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `patchbay_test_${randomBytes(6).toString("hex")}`;
  await administer(`create database ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: SERVER });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function answers(): Promise<boolean> {
  const client = new Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    if (process.env["REQUIRE_POSTGRES"] === "1") {
      throw new Error(`REQUIRE_POSTGRES=1, but no Postgres answers at ${SERVER}`, { cause: error });
    }
    console.warn(`No Postgres at ${SERVER}: the Postgres half of these tests is skipped.`);
    return false;
  }
}

export const hasPostgres = await answers();
