import type { Sql } from "../../store/pool.ts";
import type { ModelContent, ModelItem } from "../models/model.ts";
import type { MessageRow } from "../objects/message.ts";
import type { RunRow } from "../objects/run.ts";
import { createRuler, type Ruler } from "./ruler.ts";

/** Messages of the smallest page and of the largest. */
const SMALLEST_PAGE = 32;
const LARGEST_PAGE = 1_024;
/** The oldest message may take this share of the room; it often says what the thread is about. */
const OLDEST_SHARE = 0.25;
/** Later than every message: where reading begins. Both columns are bigint. */
const END = "9223372036854775807";

export type Said = Pick<MessageRow, "id" | "role" | "content">;
type Counted = Said & { readonly tokens: number | null };
type Placed = Counted & { readonly created_at: string | number; readonly seq: string | number };

interface Sized {
  readonly message: Counted;
  readonly item: ModelItem;
  readonly size: number;
}

export interface Window {
  /** Oldest first. */
  readonly items: readonly ModelItem[];
  /** False when even the newest message alone is larger than the room. */
  readonly fits: boolean;
}

/**
 * The thread's messages before this run, as many as fit into `room` tokens. Reads from the newest on and stops
 * when the room is full, so the cost does not depend on the thread's length. Where something must go, it goes
 * from the middle: the oldest message stays with the newest ones. `last_messages` keeps just the newest.
 */
export async function readWindow(sql: Sql, run: RunRow, room: number): Promise<Window> {
  const most = run.truncation_strategy.last_messages ?? Infinity;
  const ruler = createRuler();
  let filled: Filled = { kept: [], total: 0, full: false };

  for await (const page of newestFirst(sql, run, most, () => pageSize(filled, room))) {
    const next = fill(filled, page, room, ruler);
    if (next.full && !ruler.exact) {
      // Only now does it matter how much smaller than its bound each text is.
      await ruler.becomeExact();
      filled = fill(measureAgain(filled, ruler), page, room, ruler);
    } else filled = next;
    if (filled.full) break;
  }

  const { kept, total, full } = filled;
  const fits = total <= room;
  const oldest = full && fits && most === Infinity ? await readOldest(sql, run) : undefined;
  if (oldest !== undefined) keepOldest(kept, oldest, room, ruler);
  await ruler.save(sql);
  return { items: kept.map(({ item }) => item).toReversed(), fits };
}

interface Filled {
  /** Newest first. */
  readonly kept: Sized[];
  readonly total: number;
  /** Something did not fit any more. */
  readonly full: boolean;
}

/** Adds a page to what is kept. The newest message of all is kept even if it exceeds the room. */
function fill(before: Filled, page: readonly Counted[], room: number, ruler: Ruler): Filled {
  const kept = [...before.kept];
  let { total } = before;
  for (const message of page) {
    const item = itemOf(message);
    if (item === undefined) continue;
    const size = ruler.measure(message, item);
    const full = total + size > room;
    if (full && kept.length > 0) return { kept, total, full };
    kept.push({ message, item, size });
    total += size;
    if (full) return { kept, total, full };
  }
  return { kept, total, full: false };
}

function measureAgain({ kept, full }: Filled, ruler: Ruler): Filled {
  const measured = kept.map(({ message, item }) => ({
    message,
    item,
    size: ruler.measure(message, item),
  }));
  return { kept: measured, total: sum(measured), full };
}

async function readOldest(sql: Sql, run: RunRow): Promise<Counted | undefined> {
  const { rows } = await sql.query<Counted>(
    "select id, role, content, tokens from oldest_visible_message($1, $2)",
    [run.thread_id, run.id],
  );
  return rows[0];
}

/** Puts the thread's oldest message in place of the oldest of `kept`, which are newest first. */
function keepOldest(kept: Sized[], oldest: Counted, room: number, ruler: Ruler): void {
  const item = itemOf(oldest);
  if (item === undefined || kept.some(({ message }) => message.id === oldest.id)) return;
  const size = ruler.measure(oldest, item);
  if (size > room * OLDEST_SHARE) return;
  let total = sum(kept) + size;
  while (kept.length > 1 && total > room) total -= kept.pop()?.size ?? 0;
  if (total <= room) kept.push({ message: oldest, item, size });
}

/** As many messages as the room probably still holds, going by those before. */
function pageSize({ kept, total }: Filled, room: number): number {
  const average = kept.length === 0 ? Infinity : total / kept.length;
  const probable = Math.ceil(((room - total) / average) * 1.1);
  return Math.min(Math.max(probable, SMALLEST_PAGE), LARGEST_PAGE);
}

/** Pages by keyset, so that a page costs the same wherever it lies; as one value, because thousands of rows would cost more. */
async function* newestFirst(
  sql: Sql,
  run: RunRow,
  most: number,
  nextSize: () => number,
): AsyncGenerator<Counted[]> {
  let left = most;
  let before: Pick<Placed, "created_at" | "seq"> = { created_at: END, seq: END };
  while (left > 0) {
    const limit = Math.min(nextSize(), left);
    const { rows } = await sql.query<{ page: Placed[] | null }>(
      `select json_agg(json_build_object('id', id, 'created_at', created_at, 'seq', seq, 'role', role,
         'content', content, 'tokens', tokens)) as page from visible_messages($1, $2, $3, $4, $5)`,
      [run.thread_id, run.id, before.created_at, before.seq, limit],
    );
    const page = rows[0]?.page ?? [];
    yield page;
    if (page.length < limit) return;
    left -= page.length;
    before = page.at(-1) ?? before;
  }
}

/** Undefined for a message without content, which endpoints refuse. */
export function itemOf(message: Said): ModelItem | undefined {
  const content = message.content.flatMap((part): ModelContent[] => {
    if (part.type === "text") {
      return part.text.value === "" ? [] : [{ type: "text", text: part.text.value }];
    }
    if (part.type !== "image_url") return [];
    const { url, detail = "auto" } = part.image_url;
    return [{ type: "image", url, detail }];
  });
  return content.length === 0 ? undefined : { type: "message", role: message.role, content };
}

function sum(sized: readonly Sized[]): number {
  return sized.reduce((total, { size }) => total + size, 0);
}
