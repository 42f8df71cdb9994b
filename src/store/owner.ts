import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";

import { Client } from "pg";

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Database } from "./pool.ts";

/**
 * This process as the database sees it. The id is held as a session advisory lock: when the process dies,
 * the lock goes with its connection, and others see at once that the work it owned is free.
 */
export interface Owner extends AsyncDisposable {
  /** A random 63-bit number, as text. */
  readonly id: string;
  /** Tells every process that listens, this one included. `payload` at most 8,000 bytes. */
  notify(channel: Channel, payload?: string): Promise<void>;
  /** Returns how to stop listening. */
  listen(channel: Channel, heard: (payload: string) => void): () => void;
}

/** What processes tell each other about. */
export type Channel = "inbox" | "turn" | "run";
const CHANNELS: readonly Channel[] = ["inbox", "turn", "run"];

/** SQL that is true while the owner in `column` is alive. */
export function aliveSql(column: string): string {
  return `exists (select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 1
    and (classid::bigint << 32) | objid::bigint = ${column})`;
}

export async function becomeOwner(database: Database, log: Log): Promise<Owner> {
  const id = (randomBytes(8).readBigUInt64BE() >> 1n).toString();
  return database.url === undefined
    ? embeddedOwner(database, id)
    : connectedOwner(database, database.url, id, log);
}

/** PGlite has one session, and it lives as long as the process: a new start finds no old locks. */
async function embeddedOwner(database: Database, id: string): Promise<Owner> {
  await database.query("select pg_advisory_lock($1)", [id]);
  const local = new EventEmitter<Record<string, [string]>>();
  local.setMaxListeners(0);
  return {
    id,
    async notify(channel, payload = "") {
      local.emit(channel, payload);
    },
    listen: (channel, heard) => subscribe(local, channel, heard),
    async [Symbol.asyncDispose]() {
      local.removeAllListeners();
    },
  };
}

/** On Postgres a connection of its own holds the lock and listens; it bypasses a transaction-mode pooler. */
async function connectedOwner(
  database: Database,
  url: string,
  id: string,
  log: Log,
): Promise<Owner> {
  const local = new EventEmitter<Record<string, [string]>>();
  local.setMaxListeners(0);
  const state: {
    client: Client | undefined;
    closed: boolean;
    retry: NodeJS.Timeout | undefined;
  } = {
    client: undefined,
    closed: false,
    retry: undefined,
  };

  const connect = async (): Promise<void> => {
    const client = new Client({ connectionString: url, keepAlive: true });
    client.on("error", (error) =>
      log.warn({ error: error.message }, "the listening connection broke"),
    );
    client.on("notification", (note) => local.emit(note.channel, note.payload ?? ""));
    await client.connect();
    await client.query("select pg_advisory_lock($1)", [id]);
    for (const channel of CHANNELS) await client.query(`listen patchbay_${channel}`);
    client.on("end", reconnectLater);
    state.client = client;
    // Whatever was announced while nobody listened is looked for.
    for (const channel of CHANNELS) local.emit(`patchbay_${channel}`, "");
  };
  const reconnectLater = (): void => {
    if (state.closed) return;
    state.retry = setTimeout(() => {
      connect().catch((error: unknown) => {
        log.warn(
          { error: messageOf(error) },
          "the listening connection cannot be opened again yet",
        );
        reconnectLater();
      });
    }, 500);
  };
  await connect();

  return {
    id,
    async notify(channel, payload = "") {
      await database.query("select pg_notify($1, $2)", [`patchbay_${channel}`, payload]);
    },
    listen: (channel, heard) => subscribe(local, `patchbay_${channel}`, heard),
    async [Symbol.asyncDispose]() {
      state.closed = true;
      clearTimeout(state.retry);
      local.removeAllListeners();
      await state.client?.end();
    },
  };
}

function subscribe(
  local: EventEmitter<Record<string, [string]>>,
  name: string,
  heard: (payload: string) => void,
): () => void {
  local.on(name, heard);
  return () => local.off(name, heard);
}
