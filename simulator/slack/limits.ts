import type { Method } from "./requests.ts";

/** How often a method may be called: per workspace and minute, and posts per channel and second. */
interface LimitTable {
  readonly perMinute: Partial<Readonly<Record<Method, number>>>;
  readonly postsPerSecond?: number;
}

export type Limits = "off" | "real" | LimitTable;

/** Slack's published tiers, each at its lower bound. Methods that are not listed are not limited here. */
const REAL: LimitTable = {
  perMinute: {
    "agents.sessions.setStatus": 50,
    "chat.appendStream": 100,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.members": 100,
    "conversations.open": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "files.info": 100,
    "reactions.add": 50,
    "reactions.remove": 20,
    "users.info": 100,
    "views.publish": 100,
  },
  postsPerSecond: 1,
};

const MINUTE = 60_000;
/** "About one a second": short bursts pass, so the average of five seconds counts. */
const BURST = 5;

/** Says how many whole seconds a call has to wait, or undefined where it may pass; a passing call is counted. */
export type Limiter = (method: Method, channel: string) => number | undefined;

export function createLimiter(limits: Limits, now: () => number): Limiter {
  if (limits === "off") return () => undefined;
  const { perMinute, postsPerSecond } = limits === "real" ? REAL : limits;
  const passed = new Map<string, number[]>();

  const pass = (key: string, allowed: number, period: number): number | undefined => {
    const recent = (passed.get(key) ?? []).filter((at) => at > now() - period);
    passed.set(key, recent);
    const oldest = recent[recent.length - allowed];
    if (oldest !== undefined) return Math.max(1, Math.ceil((oldest + period - now()) / 1000));
    recent.push(now());
    return undefined;
  };

  return (method, channel) => {
    if (method === "chat.postMessage" && postsPerSecond !== undefined) {
      return pass(`post ${channel}`, postsPerSecond * BURST, BURST * 1000);
    }
    const allowed = perMinute[method];
    return allowed === undefined ? undefined : pass(method, allowed, MINUTE);
  };
}
