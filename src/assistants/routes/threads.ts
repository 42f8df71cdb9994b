import { Hono } from "hono";

import type { Sql } from "../../store/pool.ts";
import { findThread, lockThread, showThread, updateThread } from "../objects/thread.ts";
import { parseBody } from "../requests/parse.ts";
import { createThread as creation, modifyThread } from "../requests/thread.ts";
import { createThread } from "../runs/create.ts";
import type { RouteContext } from "./context.ts";

export function threadRoutes({ database, owner, clock }: RouteContext): Hono {
  const routes = new Hono();

  routes.post("/", async ({ req }) => {
    const fields = await parseBody(req.raw, creation);
    const thread = await database.transaction((sql) => createThread(sql, fields, clock()));
    return Response.json(showThread(thread));
  });

  routes.get("/:thread", async ({ req }) =>
    Response.json(showThread(await findThread(database, req.param("thread")))),
  );

  routes.post("/:thread", async ({ req }) => {
    const id = req.param("thread");
    const { metadata } = await parseBody(req.raw, modifyThread);
    const thread =
      metadata === undefined
        ? await findThread(database, id)
        : await updateThread(database, id, metadata ?? {});
    return Response.json(showThread(thread));
  });

  routes.delete("/:thread", async ({ req }) => {
    const id = req.param("thread");
    const running = await database.transaction((sql) => deleteThread(sql, id));
    for (const runId of running) await owner.notify("run", runId);
    return Response.json({ id, object: "thread.deleted", deleted: true });
  });

  return routes;
}

/**
 * Deletes the thread with all that belongs to it, and tells which runs were under way. Locks come in the order
 * thread, run: no new run can begin, and no execution is in the middle of a write when the rows go.
 */
async function deleteThread(sql: Sql, id: string): Promise<string[]> {
  await lockThread(sql, id, 0);
  const { rows } = await sql.query<{ id: string }>(
    `select id from run where thread_id = $1
     and status in ('queued', 'in_progress', 'requires_action', 'cancelling') for update`,
    [id],
  );
  await sql.query("delete from thread where id = $1", [id]);
  return rows.map((row) => row.id);
}
