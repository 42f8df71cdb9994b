import type { Sql } from "../../store/pool.ts";
import { notFound } from "../errors.ts";
import type { ListQuery } from "../requests/parse.ts";

export interface Page<Item> {
  readonly object: "list";
  readonly data: Item[];
  readonly first_id: string;
  readonly last_id: string;
  readonly has_more: boolean;
}

interface Source {
  readonly table: "assistant" | "message" | "run" | "run_step";
  /** Columns that every row of the list shares; their names are the code's own, never a request's. */
  readonly scope: Readonly<Record<string, string>>;
}

const KINDS = {
  assistant: "assistant",
  message: "message",
  run: "run",
  run_step: "run step",
} as const;

/**
 * One page of a list, found by keyset: the cost does not grow with the distance from the beginning.
 * `before` alone gives the page that ends right before that object. Throws ApiError 404 for an unknown cursor.
 */
export async function readPage<Row extends { id: string }, Item>(
  sql: Sql,
  source: Source,
  query: ListQuery,
  show: (row: Row) => Item,
): Promise<Page<Item>> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const where = Object.entries(source.scope).map(([name, value]) => `${name} = ${bind(value)}`);

  const backwards = query.before !== undefined && query.after === undefined;
  const ascending = (query.order === "asc") !== backwards;
  const cursors = [
    [query.after, query.order === "asc" ? ">" : "<"],
    [query.before, query.order === "asc" ? "<" : ">"],
  ] as const;
  for (const [id, comparison] of cursors) {
    if (id === undefined) continue;
    const place = await findPlace(sql, source, id);
    where.push(`(created_at, seq) ${comparison} (${bind(place.created_at)}, ${bind(place.seq)})`);
  }

  const direction = ascending ? "asc" : "desc";
  const { rows } = await sql.query<Row>(
    `select * from ${source.table} ${where.length > 0 ? `where ${where.join(" and ")}` : ""}
     order by created_at ${direction}, seq ${direction} limit ${bind(query.limit + 1)}`,
    values,
  );
  const shown = rows.slice(0, query.limit);
  if (backwards) shown.reverse();
  return {
    object: "list",
    data: shown.map(show),
    // The published contract allows no null here, so an empty list has empty ids.
    first_id: shown[0]?.id ?? "",
    last_id: shown.at(-1)?.id ?? "",
    has_more: rows.length > query.limit,
  };
}

async function findPlace(
  sql: Sql,
  source: Source,
  id: string,
): Promise<{ created_at: string; seq: string }> {
  const names = Object.keys(source.scope);
  const scope = names.map((name, index) => ` and ${name} = $${index + 2}`).join("");
  const { rows } = await sql.query<{ created_at: string; seq: string }>(
    `select created_at, seq from ${source.table} where id = $1${scope}`,
    [id, ...Object.values(source.scope)],
  );
  const [place] = rows;
  if (place === undefined) throw notFound(KINDS[source.table], id);
  return place;
}
