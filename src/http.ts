import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Registry } from "prom-client";

import { ConfigurationFault, messageOf } from "./errors.ts";
import type { Platform } from "./relay/platform.ts";
import type { Database } from "./store/pool.ts";

export type Handler = (request: Request) => Response | Promise<Response>;

export interface HttpParts {
  readonly host: string;
  readonly port: number;
  readonly database: Database;
  readonly platforms: readonly Platform[];
  readonly metrics: Registry;
  /** /v1/*, with its keys checked. */
  readonly assistants: Handler;
  /** /slack/*, where Slack comes over HTTP. */
  readonly slack: Handler | undefined;
  /** Everything else: the console or the playground. */
  readonly pages: Handler;
}

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
}

/** The one HTTP server. Resolves when it listens; a port that is taken is a ConfigurationFault. */
export async function startHttp(parts: HttpParts): Promise<HttpServer> {
  const server = createServer(getRequestListener(createRoutes(parts).fetch));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new ConfigurationFault([whyNot(parts, error)])));
    server.listen(parts.port, parts.host, resolve);
  });
  const { port } = addressOf(server.address());
  return {
    url: `http://${parts.host.includes(":") ? `[${parts.host}]` : parts.host}:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Event streams never end by themselves.
      server.closeAllConnections();
      await closed;
    },
  };
}

function createRoutes(parts: HttpParts): Hono {
  const app = new Hono();
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", async (c) => {
    const states: Record<string, boolean> = { store: await reaches(parts.database) };
    for (const platform of parts.platforms) states[platform.name] = platform.ready;
    return c.json(states, Object.values(states).every(Boolean) ? 200 : 503);
  });
  app.get("/metrics", async (c) =>
    c.body(await parts.metrics.metrics(), 200, { "content-type": parts.metrics.contentType }),
  );
  app.all("/v1/*", (c) => parts.assistants(c.req.raw));
  const { slack } = parts;
  if (slack !== undefined) app.all("/slack/*", (c) => slack(c.req.raw));
  app.all("*", (c) => parts.pages(c.req.raw));
  return app;
}

async function reaches(database: Database): Promise<boolean> {
  return database.query("select 1").then(
    () => true,
    () => false,
  );
}

function whyNot({ host, port }: HttpParts, error: Error): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `PORT ${port} is taken by another process: stop it, or set PORT to a free one.`;
  if (code === "EACCES")
    return `PORT ${port} may not be used by this user: set PORT to one above 1023.`;
  return `HOST ${host} cannot be listened on (${messageOf(error)}): set it to an address of this machine.`;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string")
    throw new TypeError("The server listens on no port.");
  return address;
}
