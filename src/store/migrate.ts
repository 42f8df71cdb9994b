import { readdir, readFile } from "node:fs/promises";

import type { Database } from "./pool.ts";

const FOLDER = new URL("./migrations/", import.meta.url);
/** One number for all processes of this product; any fixed value serves. */
const LOCK = 727_248_001;

/**
 * Applies the numbered files of migrations/ that this database has not seen, each in a transaction of its own.
 * Processes that start together wait for each other.
 */
export async function migrate(database: Database): Promise<readonly string[]> {
  await database.transaction(async (sql) => {
    await sql.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await sql.query(
      "create table if not exists migration (name text primary key, applied_at timestamptz not null default now())",
    );
  });
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith(".sql")).toSorted();
  const applied: string[] = [];
  for (const name of files) if (await apply(database, name)) applied.push(name);
  return applied;
}

async function apply(database: Database, name: string): Promise<boolean> {
  const text = await readFile(new URL(name, FOLDER), "utf8");
  return database.transaction(async (sql) => {
    await sql.query("select pg_advisory_xact_lock($1)", [LOCK]);
    const seen = await sql.query("select 1 from migration where name = $1", [name]);
    if (seen.rowCount > 0) return false;
    await sql.query(text);
    await sql.query("insert into migration (name) values ($1)", [name]);
    return true;
  });
}
