import { Fenced } from "../errors.ts";
import type { Database } from "./pool.ts";
import type { Claim } from "./queue.ts";

/** One platform message of a reply, as the ledger knows it. */
export interface PostedPart {
  readonly index: number;
  readonly nonce: string;
  /** The platform's id of the message; undefined while it is not known whether the post was carried out. */
  readonly reference: string | undefined;
  /** Characters that people see in it. */
  readonly shown: number;
  /** Milliseconds since the post was intended, on the database's clock. */
  readonly age: number;
}

/** The ledger of posted parts: what makes a reply visible exactly once. */
export interface Parts {
  list(claim: Claim): Promise<PostedPart[]>;
  /** Of every part that was posted in the turn's conversation, by this and by other turns. */
  references(claim: Claim): Promise<string[]>;
  /** Before a part is posted. Repeating it, once the first post is known not to have come about, keeps the nonce. */
  intend(claim: Claim, index: number, nonce: string): Promise<void>;
  posted(claim: Claim, index: number, reference: string, shown: number): Promise<void>;
  edited(claim: Claim, index: number, shown: number): Promise<void>;
  removed(claim: Claim, index: number): Promise<void>;
}

export function createParts(database: Database): Parts {
  /** Every write proves that the attempt still holds the turn. */
  const write = async (claim: Claim, text: string, values: readonly unknown[]): Promise<void> => {
    const { rowCount } = await database.query(text, [claim.id, claim.attempt, ...values]);
    if (rowCount !== 1) throw new Fenced("Another attempt holds this turn.");
  };
  const held = "exists (select 1 from turn where id = $1 and attempt = $2 and state = 'running')";

  return {
    async list(claim) {
      const { rows } = await database.query<{
        index: number;
        nonce: string;
        reference: string | null;
        shown: number;
        age: number;
      }>(
        `select index, nonce, reference, shown,
                (extract(epoch from now() - intended_at) * 1000)::float8 as age
         from reply_part where turn_id = $1 order by index`,
        [claim.id],
      );
      return rows.map((row) => ({ ...row, reference: row.reference ?? undefined }));
    },
    async references(claim) {
      const { rows } = await database.query<{ reference: string }>(
        `select p.reference from reply_part p join turn t on t.id = p.turn_id
         where t.conversation = (select conversation from turn where id = $1) and p.reference is not null`,
        [claim.id],
      );
      return rows.map((row) => row.reference);
    },
    intend: (claim, index, nonce) =>
      write(
        claim,
        `insert into reply_part (turn_id, index, nonce) select $1::uuid, $3, $4 where $2::int is not null and ${held}
         on conflict (turn_id, index) do update set intended_at = now()`,
        [index, nonce],
      ),
    posted: (claim, index, reference, shown) =>
      write(
        claim,
        `update reply_part set reference = $4, shown = $5 where turn_id = $1 and index = $3 and ${held}`,
        [index, reference, shown],
      ),
    edited: (claim, index, shown) =>
      write(
        claim,
        `update reply_part set shown = $4 where turn_id = $1 and index = $3 and ${held}`,
        [index, shown],
      ),
    removed: (claim, index) =>
      write(claim, `delete from reply_part where turn_id = $1 and index = $3 and ${held}`, [index]),
  };
}
