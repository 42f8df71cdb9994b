import type { Question } from "../relay/question.ts";
import { below } from "./gestures.ts";
import type { Database, Sql } from "./pool.ts";
import type { Queue } from "./queue.ts";

/** The inbox: what was received, once each, in the order of arrival. */
export interface Inbox {
  /**
   * Commits the message and its place in the queue. A twin (the same id) is not a second message;
   * it adds the files that the first one lacked, as long as no run has started on it.
   */
  receive(id: string, conversation: string, message: Question): Promise<"new" | "duplicate">;
  /**
   * Commits that somebody is told why they are not answered: at most once in `every` ms for the notice's key.
   * It waits in a queue of its own, so that it never mixes with what is answered.
   */
  receiveNotice(
    id: string,
    conversation: string,
    message: Question,
    once: { readonly key: string; readonly every: number },
  ): Promise<"new" | "duplicate">;
  /** Questions of this person in the last hour, the message `id` aside. */
  askedLastHour(person: string, id: string): Promise<number>;
  /** Messages that wait in this conversation, the message `id` aside. */
  waiting(conversation: string, id: string): Promise<number>;
  /** Whether a message is a part of a reply. */
  isOurs(scope: string, messageId: string): Promise<boolean>;
  /** The newest message that was received in each channel of a platform, for those used within 30 days. */
  cursors(platform: string): Promise<ReadonlyMap<string, string>>;
  /** Remembers that a person has written in a conversation; answers how many have. */
  join(conversation: string, person: string): Promise<number>;
  /** How many people have written in a conversation. */
  participants(conversation: string): Promise<number>;
  /** Whether the bot has answered, or is about to answer, in this conversation. */
  isKnown(conversation: string): Promise<boolean>;
  /** The conversation within a scope (scopeKey) to which a message belongs: one that was received, or a part of a reply. */
  conversationOf(scope: string, messageId: string): Promise<string | undefined>;
}

export function createInbox(database: Database, queue: Queue): Inbox {
  return {
    receive: (id, conversation, message) =>
      database.transaction(async (sql) => {
        const isNew = await insert(sql, queue, id, conversation, message);
        await addParticipant(sql, conversation, message.author.id);
        if (!isNew) await addFiles(sql, id, message);
        return isNew ? "new" : "duplicate";
      }),

    receiveNotice: (id, conversation, message, once) =>
      database.transaction(async (sql) =>
        (await isDue(sql, once)) &&
        (await insert(sql, queue, id, `${conversation}#${message.notice}`, message))
          ? "new"
          : "duplicate",
      ),

    async askedLastHour(person, id) {
      const { rows } = await database.query<{ count: number }>(
        `select count(*)::int as count from incoming
         where author = $1 and id <> $2 and received_at > now() - interval '1 hour'`,
        [person, id],
      );
      return rows[0]?.count ?? 0;
    },

    async waiting(conversation, id) {
      const { rows } = await database.query<{ count: number }>(
        "select count(*)::int as count from incoming where conversation = $1 and state = 'queued' and id <> $2",
        [conversation, id],
      );
      return rows[0]?.count ?? 0;
    },

    isOurs: (scope, messageId) => isOurs(database, scope, messageId),
    cursors: (platform) => readCursors(database, platform),

    async join(conversation, person) {
      await addParticipant(database, conversation, person);
      return countParticipants(database, conversation);
    },
    participants: (conversation) => countParticipants(database, conversation),

    async isKnown(conversation) {
      const { rowCount } = await database.query(
        "select 1 from incoming where conversation = $1 limit 1",
        [conversation],
      );
      return rowCount > 0;
    },

    async conversationOf(scope, messageId) {
      const { rows } = await database.query<{ conversation: string }>(
        `select conversation from incoming where message_id = $2 and conversation like $1
         union all
         select t.conversation from reply_part p join turn t on t.id = p.turn_id
         where p.reference = $2 and t.conversation like $1
         limit 1`,
        [below(scope), messageId],
      );
      return rows[0]?.conversation;
    },
  };
}

async function isOurs(sql: Sql, scope: string, messageId: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select 1 from reply_part p join turn t on t.id = p.turn_id
     where p.reference = $2 and t.conversation like $1 limit 1`,
    [below(scope), messageId],
  );
  return rowCount > 0;
}

async function readCursors(sql: Sql, platform: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql.query<{ channel: string; newest: string }>(
    `select coalesce(message->>'opensThreadIn', message->'conversation'->>'channel') as channel,
            max(message_id::numeric)::text as newest
     from incoming where message->'conversation'->>'platform' = $1 and received_at > now() - interval '30 days'
     group by 1`,
    [platform],
  );
  return new Map(rows.map(({ channel, newest }) => [channel, newest]));
}

/** False for an id that was received before. */
async function insert(
  sql: Sql,
  queue: Queue,
  id: string,
  conversation: string,
  message: Question,
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `insert into incoming (id, conversation, message_id, message, author) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing`,
    [
      id,
      conversation,
      message.id,
      message,
      message.notice === undefined ? message.author.id : null,
    ],
  );
  if (rowCount === 1) await queue.send(sql, id, conversation);
  return rowCount === 1;
}

/** Whether a notice has not been given for `every` ms; it counts as given from now on. */
async function isDue(
  sql: Sql,
  { key, every }: { readonly key: string; readonly every: number },
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `insert into notice (key) values ($1) on conflict (key) do update set at = now()
       where notice.at < now() - make_interval(secs => $2::float8 / 1000)`,
    [key, every],
  );
  return rowCount === 1;
}

async function countParticipants(sql: Sql, conversation: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    "select count(*)::int as count from participant where conversation = $1",
    [conversation],
  );
  return rows[0]?.count ?? 0;
}

async function addParticipant(sql: Sql, conversation: string, person: string): Promise<void> {
  await sql.query(
    "insert into participant (conversation, person) values ($1, $2) on conflict do nothing",
    [conversation, person],
  );
}

async function addFiles(sql: Sql, id: string, message: Question): Promise<void> {
  if (message.files.length === 0) return;
  await sql.query(
    `update incoming i set message = jsonb_set(i.message, '{files}', $2::jsonb)
     where i.id = $1 and jsonb_array_length(i.message->'files') < $3
       and not exists (select 1 from turn t where t.id = i.turn_id and t.run_id is not null)`,
    [id, JSON.stringify(message.files), message.files.length],
  );
}
