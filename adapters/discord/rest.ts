import { DefaultRestOptions, type RESTOptions } from "discord.js";
import { z } from "zod";

import { REQUEST_TIMEOUT } from "./limits.ts";

const Limited = z.object({ retry_after: z.number() });

/** What the REST client of the gateway and ours have in common. */
export function restOptions(apiUrl: string | undefined) {
  return {
    ...(apiUrl !== undefined && { api: apiUrl }),
    version: "10",
    timeout: REQUEST_TIMEOUT,
    // Repeating is the relay's decision: it alone knows what may be sent twice.
    retries: 0,
  };
}

/**
 * For requests that never sleep: where Discord's limits leave no room they fail at once, and say exactly how long to
 * wait. discord.js by itself would add 50 ms twice.
 */
export function impatient(apiUrl: string | undefined) {
  return { ...restOptions(apiUrl), offset: 0, rejectOnRateLimit: () => true, makeRequest };
}

/** A 429 has the wait to the millisecond in its body; discord.js reads it from a header of whole seconds. */
const makeRequest: RESTOptions["makeRequest"] = async (url, init) => {
  const response = await DefaultRestOptions.makeRequest(url, init);
  if (response.status !== 429) return response;
  const { data } = Limited.safeParse(parsed(await response.text()));
  if (data !== undefined) response.headers.set("retry-after", String(data.retry_after));
  return response;
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
