import { createHash } from "node:crypto";

/** How many requests fit into a window, and how long it is in milliseconds. */
interface Bucket {
  readonly limit: number;
  readonly window: number;
}

/** Discord publishes no figures: these are what bots see in practice. A missing one is not limited. */
interface LimitTable {
  /** Posts per channel. */
  readonly post?: Bucket;
  /** Edits per channel. */
  readonly edit?: Bucket;
  /** All requests of the bot; answers to interactions do not count. */
  readonly global?: Bucket;
}

export type Limits = "off" | "real" | LimitTable;

const REAL: LimitTable = {
  post: { limit: 5, window: 5000 },
  edit: { limit: 5, window: 5000 },
  global: { limit: 50, window: 1000 },
};

export interface Verdict {
  /** Headers that go with the answer, whatever it is. */
  readonly headers: Readonly<Record<string, string>>;
  /** Present when the request is refused with a 429. */
  readonly exceeded?: { readonly retryAfter: number; readonly global: boolean };
}

export type Limiter = (operation: string, channel: string) => Verdict;

const LIMITED: Readonly<Record<string, "post" | "edit">> = {
  "POST /channels/:id/messages": "post",
  "PATCH /channels/:id/messages/:id": "edit",
};

/** Counts requests in fixed windows that begin with their first request, as Discord's do. */
export function createLimiter(setting: Limits): Limiter {
  if (setting === "off") return () => ({ headers: {} });
  const limits = setting === "real" ? REAL : setting;
  const windows = new Map<string, { used: number; readonly end: number }>();

  const use = (key: string, bucket: Bucket): { left: number; wait: number } => {
    const now = Date.now();
    let window = windows.get(key);
    if (window === undefined || window.end <= now) {
      window = { used: 0, end: now + bucket.window };
      windows.set(key, window);
    }
    window.used += 1;
    return { left: bucket.limit - window.used, wait: (window.end - now) / 1000 };
  };

  return (operation, channel) => {
    const exempt = operation.includes("/:token");
    if (limits.global !== undefined && !exempt) {
      const { left, wait } = use("global", limits.global);
      if (left < 0) return tooMany(wait, true, {});
    }
    const name = LIMITED[operation];
    const bucket = name === undefined ? undefined : limits[name];
    if (bucket === undefined) return { headers: {} };
    const { left, wait } = use(`${operation} ${channel}`, bucket);
    const headers = {
      "x-ratelimit-bucket": createHash("md5").update(operation).digest("hex"),
      "x-ratelimit-limit": String(bucket.limit),
      "x-ratelimit-remaining": String(Math.max(0, left)),
      "x-ratelimit-reset": (Date.now() / 1000 + wait).toFixed(3),
      "x-ratelimit-reset-after": wait.toFixed(3),
    };
    return left < 0 ? tooMany(wait, false, headers) : { headers };
  };
}

/** A 429 that says to wait this many seconds; the header carries whole ones, as Discord's does. */
export function tooMany(
  retryAfter: number,
  global: boolean,
  headers: Readonly<Record<string, string>>,
): Verdict {
  return {
    headers: {
      ...headers,
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset-after": retryAfter.toFixed(3),
      "x-ratelimit-scope": global ? "global" : "user",
      "retry-after": String(Math.ceil(retryAfter)),
      ...(global && { "x-ratelimit-global": "true" }),
    },
    exceeded: { retryAfter, global },
  };
}
