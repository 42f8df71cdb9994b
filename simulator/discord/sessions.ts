import type { WebSocket } from "ws";

/** A gateway session outlives its socket: what happens meanwhile is replayed on RESUME. */
export interface Session {
  readonly id: string;
  readonly intents: number;
  sequence: number;
  /** What was dispatched, with its sequence number, oldest first. */
  readonly history: { readonly s: number; readonly frame: string }[];
  /** The socket it is served on; absent while the bot is away. */
  socket?: WebSocket;
}

/** Events that a session keeps for a resume; Discord keeps some minutes' worth. */
const KEPT = 10_000;

export interface Dispatch {
  readonly t: string;
  readonly d: unknown;
}

/** Numbers the event, keeps it for a resume and sends it where a socket is there. */
export function dispatch(session: Session, { t, d }: Dispatch): void {
  session.sequence += 1;
  const frame = JSON.stringify({ op: 0, t, s: session.sequence, d });
  session.history.push({ s: session.sequence, frame });
  if (session.history.length > KEPT) session.history.shift();
  session.socket?.send(frame);
}

/** Sends again what came after this sequence number; false when it is not kept any more. */
export function replay(session: Session, after: number): boolean {
  const oldest = session.history[0]?.s ?? session.sequence + 1;
  if (after > session.sequence || after < oldest - 1) return false;
  for (const { s, frame } of session.history) if (s > after) session.socket?.send(frame);
  return true;
}
