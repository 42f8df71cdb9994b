import { Hono } from "hono";

import { readPage } from "../objects/page.ts";
import { findRun } from "../objects/run.ts";
import { findStep, showStep, type StepRow } from "../objects/step.ts";
import { parseQuery } from "../requests/parse.ts";
import { listSteps } from "../requests/run.ts";
import type { RouteContext } from "./context.ts";

export function stepRoutes({ database }: RouteContext): Hono {
  const routes = new Hono();
  const base = "/:thread/runs/:run/steps";

  routes.get(base, async ({ req }) => {
    const { "include[]": _, ...query } = parseQuery(req.raw, listSteps);
    const { id } = await findRun(database, req.param("thread"), req.param("run"));
    const page = await readPage<StepRow, ReturnType<typeof showStep>>(
      database,
      { table: "run_step", scope: { run_id: id } },
      query,
      showStep,
    );
    return Response.json(page);
  });

  routes.get(`${base}/:id`, async ({ req }) => {
    const { thread, run, id } = req.param();
    await findRun(database, thread, run);
    return Response.json(showStep(await findStep(database, run, id)));
  });

  return routes;
}
