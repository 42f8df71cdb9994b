import { Hono } from "hono";

import { refuse } from "../errors.ts";
import {
  deleteMessage,
  findMessage,
  type MessageRow,
  showMessage,
  updateMessage,
} from "../objects/message.ts";
import { readPage } from "../objects/page.ts";
import { findThread } from "../objects/thread.ts";
import { createMessage, listMessages, modifyMessage } from "../requests/message.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";
import { addMessage } from "../runs/create.ts";
import { pastOverdue, type RouteContext } from "./context.ts";

export function messageRoutes(context: RouteContext): Hono {
  const { database, clock } = context;
  const routes = new Hono();
  const base = "/:thread/messages";

  routes.post(base, async ({ req }) => {
    const fields = await parseBody(req.raw, createMessage);
    const threadId = req.param("thread");
    const message = await pastOverdue(context, () =>
      database.transaction((sql) => addMessage(sql, threadId, fields, clock())),
    );
    return Response.json(showMessage(message));
  });

  routes.get(base, async ({ req }) => {
    const { run_id: runId, ...query } = parseQuery(req.raw, listMessages);
    const { id } = await findThread(database, req.param("thread"));
    const scope = { thread_id: id, ...(runId !== undefined && { run_id: runId }) };
    const page = await readPage<MessageRow, ReturnType<typeof showMessage>>(
      database,
      { table: "message", scope },
      query,
      showMessage,
    );
    return Response.json(page);
  });

  routes.get(`${base}/:id`, async ({ req }) =>
    Response.json(showMessage(await findMessage(database, req.param("thread"), req.param("id")))),
  );

  routes.post(`${base}/:id`, async ({ req }) => {
    const { thread, id } = req.param();
    const { metadata } = await parseBody(req.raw, modifyMessage);
    const message =
      metadata === undefined
        ? await findMessage(database, thread, id)
        : await updateMessage(database, thread, id, metadata ?? {});
    return Response.json(showMessage(message));
  });

  routes.delete(`${base}/:id`, async ({ req }) => {
    const { thread, id } = req.param();
    if (!(await deleteMessage(database, thread, id))) {
      await findMessage(database, thread, id);
      throw refuse(`Message ${id} is still being written by a run.`);
    }
    return Response.json({ id, object: "thread.message.deleted", deleted: true });
  });

  return routes;
}
