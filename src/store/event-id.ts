import { createHash } from "node:crypto";

/**
 * A version 8 UUID made of an event's time and of its identity: the same event always gives the same id,
 * which makes it the key by which duplicates are known, and ids sort by time.
 *
 * @param time Milliseconds since 1970; fractions down to the microsecond count.
 * @param identity What makes the event one of a kind, e.g. platform, workspace, channel and message id.
 */
export function eventId(time: number, identity: string): string {
  const micros = BigInt(Math.round(time * 1_000))
    .toString(16)
    .padStart(15, "0");
  const hash = createHash("sha256").update(identity).digest("hex");
  return `${micros.slice(0, 8)}-${micros.slice(8, 12)}-8${micros.slice(12, 15)}-8${hash.slice(0, 3)}-${hash.slice(3, 15)}`;
}
