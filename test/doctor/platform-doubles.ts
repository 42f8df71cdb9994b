import { createServer, type Server } from "node:http";

import { type WebSocket, WebSocketServer } from "ws";

/** A server that speaks HTTP and WebSocket on 127.0.0.1, for what the simulators never do. */
export interface Double extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
}

async function serve(server: Server, sockets: WebSocketServer): Promise<Double> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** A Slack that takes every token; `greet` decides what a socket hears first. */
export async function createSlackDouble(greet: (socket: WebSocket) => void): Promise<Double> {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    const body = request.url?.endsWith("auth.test")
      ? { ok: true, team: "Acme", user: "bot", user_id: "U1", team_id: "T1", bot_id: "B1" }
      : { ok: true, url: `ws://${request.headers.host}/link` };
    response.end(JSON.stringify(body));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", greet);
  return serve(server, sockets);
}

/** A Discord with this many logins left, whose bot is in no server. */
export async function createDiscordDouble(remaining: number): Promise<Double> {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    const body = request.url?.endsWith("/gateway/bot")
      ? {
          url: `ws://${request.headers.host}`,
          shards: 1,
          session_start_limit: {
            total: 1000,
            remaining,
            reset_after: 7_200_000,
            max_concurrency: 1,
          },
        }
      : { id: "1", username: "patchbay" };
    response.end(JSON.stringify(body));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    const send = (payload: object): void => socket.send(JSON.stringify(payload));
    socket.on("message", (raw: Buffer) => {
      if (!raw.toString().includes('"op":2')) return;
      const user = { id: "1", username: "patchbay", discriminator: "0", avatar: null };
      const application = { id: "424242424242424242", flags: 0 };
      const ready = { v: 10, user, guilds: [], session_id: "s", shard: [0, 1], application };
      const resume_gateway_url = "ws://127.0.0.1:1";
      send({ op: 0, s: 1, t: "READY", d: { ...ready, resume_gateway_url } });
    });
    send({ op: 10, d: { heartbeat_interval: 41_250 } });
  });
  return serve(server, sockets);
}
