import type { Server } from "node:http";

import type { GatewayReadyDispatchData } from "discord-api-types/v10";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";

import type { Change, Changes } from "./changes.ts";
import { INTENT, outgoing } from "./events.ts";
import { guildCreate } from "./guild.ts";
import type { Payloads } from "./payloads.ts";
import { dispatch, replay, type Session } from "./sessions.ts";
import type { World } from "./world.ts";

export interface Gateway {
  /** Sockets that are past IDENTIFY or RESUME. */
  readonly ready: number;
  /** Cuts every socket: with a close frame where a code is given, else without a word. Sessions stay. */
  readonly dropSockets: (code?: number) => void;
  /** Forgets every session, so that the next RESUME is answered by INVALID_SESSION. */
  readonly forgetSessions: () => void;
  /** How many times every later event is delivered; 1 at first. */
  copies: number;
  close(): void;
}

interface Options {
  readonly server: Server;
  readonly world: World;
  readonly payloads: Payloads;
  readonly changes: Changes;
  /** Privileged intents that the developer portal grants, as bits. */
  readonly granted: number;
  readonly url: () => string;
}

const PRIVILEGED = INTENT.guildMembers | INTENT.guildPresences | INTENT.messageContent;
const ALL_INTENTS = 2 ** 26 - 1;
const HEARTBEAT_MS = 41_250;

const Frame = z.discriminatedUnion("op", [
  z.object({ op: z.literal(1) }),
  z.object({ op: z.literal(2), d: z.object({ token: z.string(), intents: z.int() }) }),
  z.object({ op: z.literal([3, 4]) }),
  z.object({
    op: z.literal(6),
    d: z.object({ token: z.string(), session_id: z.string(), seq: z.int() }),
  }),
]);
type Identify = Extract<z.infer<typeof Frame>, { op: 2 }>["d"];
type Resume = Extract<z.infer<typeof Frame>, { op: 6 }>["d"];

/** The gateway: v10, JSON, without compression. */
export function createGateway(options: Options): Gateway {
  const { server, world, payloads, changes, granted, url } = options;
  const sockets = new Set<WebSocket>();
  const sessions = new Map<string, Session>();
  const attached = new Map<WebSocket, Session>();
  const wss = new WebSocketServer({ server });

  const announce = (): void => changes.emit({ type: "sockets", ready: attached.size });

  const attach = (socket: WebSocket, session: Session): void => {
    session.socket = socket;
    attached.set(socket, session);
  };

  const detach = (socket: WebSocket): void => {
    const session = attached.get(socket);
    if (session === undefined) return;
    if (session.socket === socket) delete session.socket;
    attached.delete(socket);
    announce();
  };

  const identify = (socket: WebSocket, { token, intents }: Identify): void => {
    if (attached.has(socket)) return socket.close(4005, "Already authenticated.");
    if (token !== world.token) return socket.close(4004, "Authentication failed.");
    if (intents < 0 || intents > ALL_INTENTS) return socket.close(4013, "Invalid intent(s).");
    if ((intents & PRIVILEGED & ~granted) !== 0) return socket.close(4014, "Disallowed intent(s).");
    const session: Session = { id: world.nextId(), intents, sequence: 0, history: [] };
    sessions.set(session.id, session);
    attach(socket, session);
    const ready: GatewayReadyDispatchData = {
      v: 10,
      user: payloads.user(world.bot.id),
      guilds: [{ id: world.guild.id, unavailable: true }],
      session_id: session.id,
      resume_gateway_url: url(),
      shard: [0, 1],
      application: { id: world.bot.id, flags: 0 as number },
    };
    dispatch(session, { t: "READY", d: ready });
    dispatch(session, { t: "GUILD_CREATE", d: guildCreate(world, payloads) });
    announce();
  };

  const resume = (socket: WebSocket, { token, session_id, seq }: Resume): void => {
    if (attached.has(socket)) return socket.close(4005, "Already authenticated.");
    if (token !== world.token) return socket.close(4004, "Authentication failed.");
    const session = sessions.get(session_id);
    if (session === undefined) return socket.send(JSON.stringify({ op: 9, d: false }));
    attach(socket, session);
    if (!replay(session, seq)) return socket.close(4007, "Invalid seq.");
    dispatch(session, { t: "RESUMED", d: {} });
    announce();
  };

  const receive = (socket: WebSocket, raw: string): void => {
    const { data: frame } = Frame.safeParse(json(raw));
    switch (frame?.op) {
      case 1:
        return socket.send(JSON.stringify({ op: 11 }));
      case 2:
        return identify(socket, frame.d);
      case 6:
        return resume(socket, frame.d);
      case 3:
      case 4:
        // A presence or a voice state changes nothing that anybody here could see.
        return attached.has(socket) ? undefined : socket.close(4003, "Not authenticated.");
      case undefined:
        return socket.close(4002, "The simulator does not know this payload.");
    }
  };

  wss.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      detach(socket);
    });
    socket.on("error", () => socket.terminate());
    socket.on("message", (raw: Buffer) => receive(socket, raw.toString("utf8")));
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: HEARTBEAT_MS } }));
  });

  const broadcast = (change: Change): void => {
    const event = outgoing(world, payloads, change);
    if (event === undefined) return;
    for (const session of sessions.values()) {
      if ((session.intents & event.intent) !== event.intent) continue;
      for (let copy = 0; copy < gateway.copies; copy += 1) {
        dispatch(session, event.dispatch(session.intents));
      }
    }
  };
  const unsubscribe = changes.subscribe(broadcast);

  const gateway: Gateway = {
    copies: 1,
    get ready() {
      return attached.size;
    },
    dropSockets: (code) => {
      for (const socket of sockets) {
        detach(socket);
        if (code === undefined) socket.terminate();
        else socket.close(code);
      }
    },
    forgetSessions: () => sessions.clear(),
    close: () => {
      unsubscribe();
      for (const socket of sockets) socket.terminate();
      wss.close();
    },
  };
  return gateway;
}

function json(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
