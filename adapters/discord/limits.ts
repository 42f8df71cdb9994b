import type { PlatformLimits } from "../../src/relay/platform.ts";

/** Milliseconds after which a REST request without an answer is given up, waiting in a queue included. */
export const REQUEST_TIMEOUT = 10_000;

/** Milliseconds for a request that carries a file: 10 MiB at 1.4 Mbit/s. */
export const UPLOAD_TIMEOUT = 60_000;

/** Bytes that Discord takes in one file. */
export const LARGEST_UPLOAD = 10 * 2 ** 20;

export const LIMITS: PlatformLimits = {
  // A message holds 2,000 characters. Who splits a text closes and reopens code fences around the cut,
  // and Discord does not say whether it counts code units or code points; a hundred are left free for both.
  part: 1900,
  // Bots see 5 edits in 5 s per channel: one a second, with a gap of 1.1 s so that the limit is never met.
  editsPerMinute: 54,
  requestTimeout: REQUEST_TIMEOUT,
  // Typing is shown for 10 s.
  activityLasts: 8000,
};
