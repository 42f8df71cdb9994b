import { randomBytes } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** The largest multiple of the alphabet's length that a byte reaches; what lies above would favour some letters. */
const FAIR = 248;

export type IdPrefix = "asst" | "thread" | "msg" | "run" | "step" | "call" | "req";

/** A prefix and 24 letters or digits: 142 bits, so ids of different processes do not collide. */
export function newId(prefix: IdPrefix): string {
  let id = "";
  while (id.length < 24) {
    for (const byte of randomBytes(32)) {
      if (byte < FAIR && id.length < 24) id += ALPHABET[byte % ALPHABET.length];
    }
  }
  return `${prefix}_${id}`;
}
