import { Client } from "pg";
import { z } from "zod";

import { messageOf } from "../errors.ts";
import { type Finding, findingsIn } from "./finding.ts";
import { REMEDIES } from "./remedies.ts";

const { ok, fault } = findingsIn("store");

/** pg-boss needs it, and so do the migrations. */
const OLDEST = 13;
/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;

/** Reaches Postgres, and asks whether the bot may do there what it does at its first start. Changes nothing. */
export async function checkPostgres(url: string, signal: AbortSignal): Promise<Finding[]> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: CONNECT_TIMEOUT,
  });
  // A connection that breaks in between is told by the query that it breaks.
  client.on("error", () => {});
  const giveUp = (): void => void client.end();
  signal.addEventListener("abort", giveUp);
  try {
    await client.connect();
    const { rows } = await client.query(QUESTION);
    return judgePostgres(State.parse(rows[0]));
  } catch (error) {
    return [explain(url, error)];
  } finally {
    signal.removeEventListener("abort", giveUp);
    await client.end();
  }
}

const QUESTION = `select
  current_setting('server_version_num')::int / 10000 as version,
  current_database() as database,
  current_user as "user",
  current_schema() as schema,
  current_setting('server_encoding') as encoding,
  has_database_privilege(current_database(), 'CREATE') as "mayMakeSchemas",
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as "mayMakeTables",
  current_setting('transaction_read_only') = 'on' as "readOnly"`;

const State = z.object({
  version: z.number(),
  database: z.string(),
  user: z.string(),
  /** Null where nothing of the search path exists. */
  schema: z.string().nullable(),
  encoding: z.string(),
  mayMakeSchemas: z.boolean(),
  mayMakeTables: z.boolean(),
  readOnly: z.boolean(),
});
export type PostgresState = z.infer<typeof State>;

/** What the server's answers mean for the bot. */
export function judgePostgres(state: PostgresState): Finding[] {
  const { version, database, user, schema, encoding } = state;
  const found: Finding[] = [];
  if (version < OLDEST)
    found.push(
      fault(
        "postgres-too-old",
        `Postgres ${version} is too old: Patchbay needs ${OLDEST} or later.`,
        `Move to a newer server. ${REMEDIES["DATABASE_URL"]}`,
      ),
    );
  if (state.readOnly)
    found.push(
      fault(
        "postgres-read-only",
        `The database ${database} can only be read: this is a standby.`,
        "Let DATABASE_URL lead to the primary server.",
      ),
    );
  if (!state.mayMakeTables || !state.mayMakeSchemas) {
    const grants = [
      ...(state.mayMakeSchemas ? [] : [`grant create on database "${database}" to "${user}";`]),
      ...(state.mayMakeTables
        ? []
        : [`grant create on schema ${schema ?? "public"} to "${user}";`]),
    ];
    found.push(
      fault(
        "postgres-may-not-create",
        `The user ${user} may not make tables and schemas in ${database}.`,
        `As the database's owner: ${grants.join(" ")}`,
      ),
    );
  }
  if (encoding !== "UTF8")
    found.push(
      fault(
        "postgres-encoding",
        `The database ${database} is in ${encoding} and cannot hold every text.`,
        "Make one with: create database patchbay encoding 'UTF8' template template0;",
      ),
    );
  return found.length > 0
    ? found
    : [
        ok(
          "postgres-reached",
          `Postgres ${version}, database ${database}: reached, and it may make its tables.`,
        ),
      ];
}

/** By Postgres' or the system's code: how ours ends, what to say, the way out. */
const REASONS: Readonly<Record<string, readonly [code: string, said: string, remedy: string]>> = {
  "28P01": ["postgres-login", "does not take this user and password", "Correct user and password."],
  "28000": [
    "postgres-login",
    "does not let this user in",
    "Correct the user, or pg_hba.conf on the server; where it wants TLS, end DATABASE_URL in ?sslmode=require.",
  ],
  "3D000": [
    "postgres-database-missing",
    "has no such database",
    "On the server: createdb patchbay",
  ],
  "53300": [
    "postgres-full",
    "has no connection left",
    "Raise max_connections on the server, or end other clients.",
  ],
  ECONNREFUSED: [
    "postgres-unreachable",
    "does not answer: connection refused",
    "Start it, or correct host and port; within a container this machine is host.docker.internal.",
  ],
  ENOTFOUND: ["postgres-unreachable", "has a host name that is not known", "Correct the host."],
  EAI_AGAIN: ["postgres-unreachable", "has a host name that is not known", "Correct the host."],
  ETIMEDOUT: [
    "postgres-unreachable",
    "does not answer in time",
    "Let the port through the firewall.",
  ],
};

function explain(url: string, error: unknown): Finding {
  const parsed = URL.parse(url);
  const where = `Postgres at ${parsed?.host === "" ? "this machine" : parsed?.host}`;
  const known = REASONS[codeOf(error)];
  if (known === undefined)
    return fault(
      "postgres-failed",
      `${where} cannot be used: ${messageOf(error)}.`,
      REMEDIES["DATABASE_URL"],
    );
  const [code, said, remedy] = known;
  return fault(code, `${where} ${said}.`, `${remedy} ${REMEDIES["DATABASE_URL"]}`);
}

/** Node reports a name with several addresses as one error around several. */
function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && "code" in first ? String(first.code) : "";
}
