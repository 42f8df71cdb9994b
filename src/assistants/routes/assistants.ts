import { Hono } from "hono";
import { z } from "zod";

import {
  deleteAssistant,
  findAssistant,
  insertAssistant,
  showAssistant,
  updateAssistant,
} from "../objects/assistant.ts";
import { readPage } from "../objects/page.ts";
import { createAssistant, modifyAssistant } from "../requests/assistant.ts";
import { listQuery, parseBody, parseQuery } from "../requests/parse.ts";
import type { RouteContext } from "./context.ts";

export function assistantRoutes({ database, clock, defaultModel }: RouteContext): Hono {
  const routes = new Hono();
  const creation = createAssistant(defaultModel !== undefined);
  const listing = z.strictObject(listQuery);

  routes.post("/", async ({ req }) => {
    const { model = defaultModel ?? "", ...fields } = await parseBody(req.raw, creation);
    return Response.json(
      showAssistant(await insertAssistant(database, { ...fields, model }, clock())),
    );
  });

  routes.get("/", async ({ req }) => {
    const query = parseQuery(req.raw, listing);
    return Response.json(
      await readPage(database, { table: "assistant", scope: {} }, query, showAssistant),
    );
  });

  routes.get("/:id", async ({ req }) =>
    Response.json(showAssistant(await findAssistant(database, req.param("id")))),
  );

  routes.post("/:id", async ({ req }) => {
    const fields = await parseBody(req.raw, modifyAssistant);
    return Response.json(showAssistant(await updateAssistant(database, req.param("id"), fields)));
  });

  routes.delete("/:id", async ({ req }) => {
    const id = req.param("id");
    await deleteAssistant(database, id);
    return Response.json({ id, object: "assistant.deleted", deleted: true });
  });

  return routes;
}
