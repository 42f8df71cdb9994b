/**
 * The errors that rooms throw at each other. Retry is decided by class, never by text:
 * what never arrived or was throttled may be tried again, what was refused is final.
 * Messages are safe to show to an operator; only `Fault` messages are written for people.
 */

/** A fault in the set-up: one clear line that names the variable or file and the way out. */
export class ConfigurationFault extends Error {
  override readonly name = "ConfigurationFault";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/** The platform answered, and its answer is no: doing it again changes nothing. */
export class PlatformRefused extends Error {
  override readonly name = "PlatformRefused";
  /** The platform's own code, e.g. Slack's `channel_not_found` or Discord's `50013`. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Nobody knows whether the request was carried out: time-out, reset, 5xx. Look before repeating a post. */
export class PlatformUnreachable extends Error {
  override readonly name = "PlatformUnreachable";
  /** The platform did answer, with a fault of its own: the request is not under way any more. */
  readonly answered: boolean;

  constructor(message: string, options: ErrorOptions & { readonly answered?: boolean } = {}) {
    super(message, options);
    this.answered = options.answered ?? false;
  }
}

/** The platform asked for patience; the request was not carried out. */
export class RateLimited extends Error {
  override readonly name = "RateLimited";
  /** Milliseconds to wait, as the platform said. */
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}

/** Another process has taken this work over; whoever sees this drops what it was doing. */
export class Fenced extends Error {
  override readonly name = "Fenced";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
