import pino, { type DestinationStream, type Logger } from "pino";

export type Log = Logger;

/** JSON lines on stderr, so that stdout stays the command line's own; known secrets never pass. */
export function createLog(
  level: string,
  secrets: readonly string[] = [],
  destination?: DestinationStream,
): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: (line) => redact(line, secrets) },
    },
    destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

/** Replaces every known secret of at least 8 characters; shorter ones would mangle ordinary words. */
export function redact(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) if (secret.length >= 8) safe = safe.replaceAll(secret, "[secret]");
  return safe;
}
