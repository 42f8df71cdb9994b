import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Changes } from "./changes.ts";
import type { Post, Route } from "./delivery.ts";

/** Socket Mode: up to 10 sockets, and each envelope goes to one of them in turn. */
export interface Sockets extends Route {
  /** Those that hear. */
  readonly open: number;
  /** A URL for one connection, as apps.connections.open gives it. */
  invite(base: string): string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Cuts `count` sockets, oldest first, without a word; all of them by default. */
  drop(count?: number): void;
  /** Cuts the socket that holds this unacknowledged delivery. */
  dropHolder(delivery: string): void;
  /** `count` sockets, oldest first, stay connected but answer no ping and carry nothing more. */
  deafen(count?: number): void;
  /** Asks `count` sockets, oldest first, to reconnect, as Slack does every few hours. */
  refresh(count?: number, reason?: "refresh_requested" | "warning"): void;
  close(): void;
}

const MAXIMUM = 10;

export function createSockets({ changes, post }: { changes: Changes; post: () => Post }): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const sockets = new Set<WebSocket>();
  const tickets = new Set<string>();
  const outstanding = new Map<string, WebSocket>();
  const deaf = new Set<WebSocket>();
  let turn = 0;
  let issued = 0;

  const receive = (socket: WebSocket, data: RawData): void => {
    const text = Buffer.isBuffer(data) ? data.toString() : "";
    const message: unknown = JSON.parse(text);
    if (typeof message !== "object" || message === null || !("envelope_id" in message)) return;
    const id = String(message.envelope_id);
    if (outstanding.get(id) === socket) outstanding.delete(id);
    post().acknowledge(id, "payload" in message ? message.payload : undefined);
  };
  const hearing = (): number => sockets.size - deaf.size;
  const gone = (socket: WebSocket): void => {
    sockets.delete(socket);
    deaf.delete(socket);
    changes.emit({ type: "sockets", open: hearing() });
    const lost = Array.from(outstanding).filter(([, holder]) => holder === socket);
    for (const [id] of lost) outstanding.delete(id);
    for (const [id] of lost) post().failed(id, "socket_closed");
  };
  const accept = (socket: WebSocket): void => {
    sockets.add(socket);
    socket.on("message", (data) => receive(socket, data));
    socket.on("close", () => gone(socket));
    socket.send(
      JSON.stringify({
        type: "hello",
        num_connections: sockets.size,
        connection_info: {},
        debug_info: { host: "simulator" },
      }),
    );
    changes.emit({ type: "sockets", open: hearing() });
    post().flush();
  };

  return {
    get open() {
      return hearing();
    },
    invite(base) {
      const ticket = `ticket-${(issued += 1)}`;
      tickets.add(ticket);
      return `${base.replace("http", "ws")}/link/?ticket=${ticket}`;
    },
    upgrade(request, socket, head) {
      const ticket =
        new URL(request.url ?? "/", "http://simulator").searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket) || sockets.size >= MAXIMUM) {
        socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
        return;
      }
      server.handleUpgrade(request, socket, head, accept);
    },
    send(delivery, attempt, reason) {
      const ready = [...sockets].filter((socket) => socket.readyState === socket.OPEN);
      const socket = ready[(turn += 1) % Math.max(1, ready.length)];
      if (socket === undefined) return false;
      outstanding.set(delivery.id, socket);
      // Slack does not know that nobody hears it there; the missing acknowledgement tells.
      if (deaf.has(socket)) return true;
      const { id: envelope_id, type, payload } = delivery;
      const retry = type === "events_api" ? { retry_attempt: attempt, retry_reason: reason } : {};
      const accepts_response_payload = type !== "events_api";
      socket.send(
        JSON.stringify({ envelope_id, type, payload, accepts_response_payload, ...retry }),
      );
      return true;
    },
    drop(count = Infinity) {
      for (const socket of [...sockets].slice(0, count)) socket.terminate();
    },
    deafen(count = Infinity) {
      for (const socket of [...sockets].filter((each) => !deaf.has(each)).slice(0, count)) {
        deaf.add(socket);
        socket.pause();
      }
      changes.emit({ type: "sockets", open: hearing() });
    },
    dropHolder: (delivery) => outstanding.get(delivery)?.terminate(),
    refresh(count = Infinity, reason = "refresh_requested") {
      for (const socket of [...sockets].slice(0, count)) {
        socket.send(
          JSON.stringify({ type: "disconnect", reason, debug_info: { host: "simulator" } }),
        );
      }
    },
    close() {
      for (const socket of sockets) socket.terminate();
      server.close();
    },
  };
}
