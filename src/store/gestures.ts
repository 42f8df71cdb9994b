import type { Question } from "../relay/question.ts";
import type { Database, Sql } from "./pool.ts";
import type { Queue } from "./queue.ts";

/** What is wanted of a turn that is under way. `stop`: end it with what there is. `drop`: end it and take the reply away. */
export type Control = "stop" | "drop";

/** Where something was said: the beginning of every conversation key there (scopeKey). */
export type Scope = string;

/** What people do about what they, or the bot, said earlier. All of it reaches a turn's owner through the database. */
export interface Gestures {
  /** Replaces a message that still waits; false once a run has been given it. */
  edit(id: string, message: Question): Promise<boolean>;
  /** Drops a message that still waits. Answers the turn under way that answers it alone, and is now to be dropped. */
  remove(scope: Scope, messageId: string): Promise<string | undefined>;
  /** Answers the turn under way to which this part belongs, or that of this conversation; it is now to be stopped. */
  stopReply(scope: Scope, reference: string): Promise<string | undefined>;
  stopConversation(conversation: string): Promise<string | undefined>;
  /** False where no reply of ours has this part. */
  feedback(
    scope: Scope,
    reference: string,
    person: string,
    value: "good" | "bad",
  ): Promise<boolean>;
  /** The newest question that the reply with this part answers, and its conversation. */
  questionOf(
    scope: Scope,
    reference: string,
  ): Promise<{ readonly conversation: string; readonly message: Question } | undefined>;
  /** What is wanted of a turn. */
  controlOf(turnId: string): Promise<Control | undefined>;
}

export function createGestures(database: Database, queue: Queue): Gestures {
  return {
    async edit(id, message) {
      const { rowCount } = await database.query(
        `update incoming i set message = i.message || $2::jsonb where i.id = $1
           and not exists (select 1 from turn t where t.id = i.turn_id and (t.runs > 0 or t.state <> 'running'))
           and i.state in ('queued', 'taken')`,
        [id, JSON.stringify({ text: message.text, files: message.files })],
      );
      return rowCount === 1;
    },

    remove: (scope, messageId) =>
      database.transaction((sql) => remove(sql, queue, scope, messageId)),

    stopReply: (scope, reference) =>
      want(
        database,
        "stop",
        "conversation like $1 and id = (select turn_id from reply_part where reference = $2 limit 1)",
        [below(scope), reference],
      ),
    stopConversation: (conversation) => want(database, "stop", "conversation = $1", [conversation]),

    async feedback(scope, reference, person, value) {
      const { rowCount } = await database.query(
        `insert into feedback (turn_id, person, value)
         select t.id, $3, $4 from reply_part p join turn t on t.id = p.turn_id
         where p.reference = $2 and t.conversation like $1 limit 1
         on conflict (turn_id, person) do update set value = excluded.value, at = now()`,
        [below(scope), reference, person, value],
      );
      return rowCount === 1;
    },

    async questionOf(scope, reference) {
      const { rows } = await database.query<{ conversation: string; message: Question }>(
        `select i.conversation, i.message from reply_part p join incoming i on i.turn_id = p.turn_id
         where p.reference = $2 and i.conversation like $1 order by i.seq desc limit 1`,
        [below(scope), reference],
      );
      return rows[0];
    },

    async controlOf(turnId) {
      const { rows } = await database.query<{ control: Control | null }>(
        "select control from turn where id = $1",
        [turnId],
      );
      return rows[0]?.control ?? undefined;
    },
  };
}

async function remove(
  sql: Sql,
  queue: Queue,
  scope: Scope,
  messageId: string,
): Promise<string | undefined> {
  const { rows } = await sql.query<{ id: string }>(
    `update incoming set state = 'dropped' where message_id = $2 and conversation like $1 and state = 'queued'
           returning id`,
    [below(scope), messageId],
  );
  for (const row of rows) await queue.drop(sql, row.id);
  if (rows.length > 0) return undefined;
  return want(
    sql,
    "drop",
    `id = (select turn_id from incoming where message_id = $2 and conversation like $1 and state = 'taken')
           and (select count(*) from incoming i where i.turn_id = turn.id) = 1`,
    [below(scope), messageId],
  );
}

async function want(
  sql: Sql,
  control: Control,
  which: string,
  values: readonly unknown[],
): Promise<string | undefined> {
  const { rows } = await sql.query<{ id: string }>(
    `update turn set control = '${control}' where state = 'running' and ${which} returning id`,
    values,
  );
  return rows[0]?.id;
}

/** A LIKE pattern for every conversation of a scope; ids may hold the pattern's own characters. */
export function below(scope: Scope): string {
  return `${scope.replaceAll(/[\\%_]/g, String.raw`\$&`)}/%`;
}
