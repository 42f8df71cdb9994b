import type { PlatformLimits } from "../../src/relay/platform.ts";

/** Milliseconds after which a Web API request without an answer is given up. Slack mostly answers within one second. */
export const REQUEST_TIMEOUT = 10_000;

/** Milliseconds for asking Slack of people and channels while it waits for its acknowledgement, for which it gives three seconds. */
export const LOOKUP_TIMEOUT = 1000;

export const LIMITS: PlatformLimits = {
  // markdown_text holds 12,000 characters. Slack does not say whether it counts code units, code points or
  // bytes of what it stores, so a twelfth is left free.
  part: 11_000,
  // chat.update: tier 3, 50 a minute for one app in one workspace.
  editsPerMinute: 50,
  requestTimeout: REQUEST_TIMEOUT,
  // assistant.threads.setStatus keeps a status for two minutes.
  activityLasts: 100_000,
};
