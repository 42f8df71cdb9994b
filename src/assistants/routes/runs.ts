import { Hono } from "hono";

import { readPage } from "../objects/page.ts";
import { findRun, isActive, showRun, updateRun } from "../objects/run.ts";
import { findThread } from "../objects/thread.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";
import { listRuns, modifyRun } from "../requests/run.ts";
import { cancel } from "../runs/claims.ts";
import { resume, settleOverdue } from "../runs/resume.ts";
import type { RouteContext } from "./context.ts";

export function runRoutes(context: RouteContext): Hono {
  const { database, owner, executor, clock } = context;
  const routes = new Hono();
  const base = "/:thread/runs";

  routes.get(base, async ({ req }) => {
    const query = parseQuery(req.raw, listRuns);
    const { id } = await findThread(database, req.param("thread"));
    const source = { table: "run", scope: { thread_id: id } } as const;
    return Response.json(await readPage(database, source, query, showRun));
  });

  routes.get(`${base}/:id`, async ({ req }) => {
    const { thread, id } = req.param();
    const run = await settleOverdue(context, await findRun(database, thread, id));
    const headers: Record<string, string> = isActive(run.status)
      ? { "openai-poll-after-ms": String(pollAfter(clock() - Number(run.created_at))) }
      : {};
    return Response.json(showRun(run), { headers });
  });

  routes.post(`${base}/:id`, async ({ req }) => {
    const { thread, id } = req.param();
    const { metadata } = await parseBody(req.raw, modifyRun);
    const run =
      metadata === undefined
        ? await findRun(database, thread, id)
        : await updateRun(database, thread, id, metadata ?? {});
    return Response.json(showRun(run));
  });

  routes.post(`${base}/:id/cancel`, async ({ req }) => {
    const { thread, id } = req.param();
    await settleOverdue(context, await findRun(database, thread, id));
    const { run, mine } = await cancel(database, thread, id, owner.id);
    const executed = executor.stop({ runId: run.id, fence: run.fence }, "cancelled");
    // A run that waited for outputs is claimed by its cancellation; another process hears of its own.
    if (!executed && mine) await resume(context, run);
    else if (!executed) await owner.notify("run");
    return Response.json(showRun(run));
  });

  return routes;
}

/** Milliseconds until a poller should ask again: soon for a young run, as most end within seconds. */
function pollAfter(age: number): number {
  if (age < 2) return 100;
  return age < 20 ? 500 : 2_000;
}
