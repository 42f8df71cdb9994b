import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Changes } from "./changes.ts";
import type { Asked } from "./person.ts";
import type { World } from "./world.ts";
import type { Sockets } from "./sockets.ts";
import type { Traffic } from "./traffic.ts";
import type { WebApi } from "./web-api.ts";

interface Routes {
  readonly world: World;
  readonly webApi: WebApi;
  readonly sockets: Sockets;
  readonly traffic: Traffic;
  /** Where an interaction's response_url leads, by its last part. */
  readonly changes: Changes;
  readonly responses: ReadonlyMap<string, Asked>;
}

/** The HTTP side: the Web API, uploads, private downloads, response URLs and the Socket Mode upgrade. */
export function createSlackServer(routes: Routes): Server {
  const server = createServer((request, response) => {
    handle(routes, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on("upgrade", (request, socket, head) => routes.sockets.upgrade(request, socket, head));
  return server;
}

async function handle(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://simulator");
  const [, room = "", ...path] = pathname.split("/");
  const body = await bodyOf(request);
  switch (room) {
    case "api":
      return callApi(routes.webApi, request, response, path.join("/"), body);
    case "upload":
      return upload(routes.world, request, response, path.at(-1) ?? "", body);
    case "files-pri":
      return download(routes.world, request, response, path[0] ?? "");
    case "response":
      return respond(routes, response, path[0] ?? "", body);
    default:
      response.writeHead(404).end();
  }
}

async function callApi(
  webApi: WebApi,
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  body: Buffer,
): Promise<void> {
  const contentType = request.headers["content-type"] ?? "";
  const answer = await webApi.answer({ method, contentType, token: bearerOf(request), body });
  if (answer === "reset") {
    request.socket.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
  response.end(JSON.stringify(answer.body));
}

async function upload(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  body: Buffer,
): Promise<void> {
  const announced = world.uploads.get(id);
  if (announced === undefined) {
    response.writeHead(404).end();
    return;
  }
  announced.content = await contentOf(request.headers["content-type"] ?? "", body);
  response.writeHead(200, { "content-type": "text/plain" }).end(`OK - ${announced.content.length}`);
}

/** The SDK sends a form with one file, curl and others the bytes themselves. */
async function contentOf(contentType: string, body: Buffer): Promise<Buffer> {
  if (!contentType.includes("multipart/form-data")) return body;
  const form = await new Response(new Uint8Array(body), {
    headers: { "content-type": contentType },
  }).formData();
  const [part] = form.values();
  return part instanceof Blob ? Buffer.from(await part.arrayBuffer()) : Buffer.from(part ?? "");
}

/** Without the bot token or its files:read, Slack answers 200 with a login page. */
function download(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
): void {
  const file = world.files.get(id);
  const allowed = bearerOf(request) === world.tokens.bot && world.scopes.has("files:read");
  if (!allowed) {
    response
      .writeHead(200, { "content-type": "text/html; charset=utf-8" })
      .end("<!DOCTYPE html><title>Sign in</title>");
  } else if (file === undefined) {
    response.writeHead(404).end();
  } else {
    response
      .writeHead(200, { "content-type": file.mimetype, "content-length": file.content.length })
      .end(file.content);
  }
}

/** Takes mrkdwn and blocks; markdown_text is rejected, as Slack does. */
function respond(
  { responses, traffic, changes, world }: Routes,
  response: ServerResponse,
  id: string,
  body: Buffer,
): void {
  const place = responses.get(id);
  const parsed: unknown = JSON.parse(body.toString());
  const args = typeof parsed === "object" && parsed !== null ? parsed : {};
  const text = "text" in args && typeof args.text === "string" ? args.text : undefined;
  const failed = place === undefined ? "expired_url" : text === undefined ? "no_text" : undefined;
  if (place === undefined || text === undefined || "markdown_text" in args) {
    response.writeHead(failed === "expired_url" ? 404 : 400).end(failed ?? "invalid_arguments");
    return;
  }
  const replaces = "replace_original" in args && args.replace_original === true;
  if (replaces && place.message !== undefined)
    traffic.edit(place.message, world.bot.user_id, { text });
  else if ("response_type" in args && args.response_type === "in_channel") {
    traffic.post({ channel: place.channel, user: world.bot.user_id, text });
  } else {
    changes.emit({ type: "ephemeral", channel: place.channel, user: place.user, text });
  }
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ok: true }));
}

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer (?<token>.+)$/.exec(request.headers.authorization ?? "")?.groups?.["token"];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
