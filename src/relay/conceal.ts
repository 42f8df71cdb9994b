import { redact } from "../log.ts";

/** Characters of a secret's beginning that may be shown; fewer would hide ordinary words while they are written. */
const HARMLESS = 4;

/**
 * A model's text without the secrets that the configuration knows. While the text still grows, an end that may be the
 * beginning of a secret is held back: shown once, it could not be taken back.
 */
export function conceal(text: string, secrets: readonly string[], final: boolean): string {
  const safe = redact(text, secrets);
  if (final) return safe;
  const held = Math.max(0, ...secrets.map((secret) => overlap(safe, secret)));
  return held > 0 ? safe.slice(0, safe.length - held) : safe;
}

/** The length of the longest end of the text that the secret begins with. */
function overlap(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length > HARMLESS; length -= 1) {
    if (secret.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}
