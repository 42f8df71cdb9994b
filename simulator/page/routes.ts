import { Hono } from "hono";

import { serveAsset } from "./assets.ts";
import { BadRequest, type Chat, isPicture, type Room } from "./chat.ts";
import { streamEvents } from "./event-stream.ts";
import { refusalOf, secure } from "./guard.ts";
import type { Journal } from "./journal.ts";
import { contentOf, Edit, read, Remove, Say } from "./requests.ts";

export interface RoutesOptions {
  readonly chats: { readonly [Platform in Room["platform"]]: Chat };
  readonly rooms: () => readonly Room[];
  readonly snapshot: () => unknown;
  readonly journal: Journal;
  /** Ends the event streams. */
  readonly signal: AbortSignal;
}

/** What the browser may ask. Every answer that is no page is JSON; a refusal is `{ error: { message } }`. */
export function createRoutes({ chats, rooms, snapshot, journal, signal }: RoutesOptions) {
  const app = new Hono();

  app.get("/playground/state", (c) => c.json(snapshot()));
  app.get("/playground/events", (c) =>
    streamEvents(journal, snapshot, c.req.header("last-event-id") ?? null, signal),
  );
  app.post("/playground/say", async (c) => {
    const { files, ...words } = await read(c.req.raw, Say);
    const room = roomOf(rooms(), words.room, words.person);
    const message = chats[room.platform].say({ ...words, files: files.map(contentOf) });
    return c.json({ message }, 201);
  });
  app.post("/playground/edit", async (c) => {
    const change = await read(c.req.raw, Edit);
    ownerOf(chats, change.message).edit(change);
    return c.json({});
  });
  app.post("/playground/remove", async (c) => {
    const change = await read(c.req.raw, Remove);
    ownerOf(chats, change.message).remove(change);
    return c.json({});
  });
  app.get("/playground/files/:platform/:id", (c) => {
    const { platform, id } = c.req.param();
    const file =
      platform === "slack" || platform === "discord" ? chats[platform].file(id) : undefined;
    if (file === undefined) throw new BadRequest("There is no such file.", 404);
    const shown = isPicture(file.type);
    return c.body(file.content, 200, {
      "content-type": shown ? file.type : "application/octet-stream",
      "content-disposition": `${shown ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    });
  });
  app.all("/playground/*", (c) => {
    throw new BadRequest(`The playground has no ${c.req.method} ${c.req.path}.`, 404);
  });
  app.get(
    "*",
    async (c) => (await serveAsset(c.req.path)) ?? c.text("There is no such page.\n", 404),
  );
  app.all("*", () => {
    throw new BadRequest("Pages are only read here.", 405);
  });
  app.onError((error, c) => {
    const known = error instanceof BadRequest;
    const message = known ? error.message : `The playground failed: ${error.message}`;
    return c.json({ error: { message } }, known ? error.status : 500);
  });

  return async (request: Request): Promise<Response> => {
    const refusal = refusalOf(request);
    if (refusal !== undefined)
      return secure(Response.json({ error: { message: refusal } }, { status: 403 }));
    return secure(await app.fetch(request));
  };
}

function roomOf(rooms: readonly Room[], id: string, person: string): Room {
  const room = rooms.find((one) => one.id === id);
  if (room === undefined)
    throw new BadRequest(
      `There is no room "${id}". Rooms: ${rooms.map((one) => one.id).join(", ")}.`,
      404,
    );
  if (!room.people.includes(person))
    throw new BadRequest(
      `"${person}" cannot write in this room. People there: ${room.people.join(", ")}.`,
    );
  return room;
}

function ownerOf(chats: RoutesOptions["chats"], message: string): Chat {
  for (const chat of Object.values(chats)) if (chat.message(message) !== undefined) return chat;
  throw new BadRequest("This message does not exist any more.", 404);
}
