import type { Sql } from "../../store/pool.ts";
import type { ModelItem } from "../models/model.ts";
import { loadCounter, sizeOf, upperBound } from "./tokens.ts";

/**
 * Measures a thread's messages in tokens. It begins with a cheap upper bound, and counts only once it is told that
 * it matters; what was counted is kept with the message, so that it is never counted again.
 */
export interface Ruler {
  measure(
    message: { readonly id: string; readonly tokens: number | null },
    item: ModelItem,
  ): number;
  readonly exact: boolean;
  becomeExact(): Promise<void>;
  /** Keeps what was counted. */
  save(sql: Sql): Promise<void>;
}

export function createRuler(): Ruler {
  const counted = new Map<string, number>();
  let count = upperBound;

  return {
    measure({ id, tokens }, item) {
      if (tokens !== null) return tokens;
      if (count === upperBound) return sizeOf(item, count);
      const size = counted.get(id) ?? sizeOf(item, count);
      counted.set(id, size);
      return size;
    },
    get exact() {
      return count !== upperBound;
    },
    async becomeExact() {
      count = await loadCounter();
    },
    async save(sql) {
      if (counted.size === 0) return;
      await sql.query("select keep_tokens($1, $2)", [[...counted.keys()], [...counted.values()]]);
    },
  };
}
