import type { ModelConfig } from "../config.ts";
import { whyUnreached } from "./network.ts";

/** Milliseconds; this is said after the start and holds nothing up. */
const TIMEOUT = 4_000;

/**
 * One line for the terminal when the model endpoint cannot be reached or takes no key; undefined otherwise.
 * Asks for the list of models, which costs nothing; whatever else an endpoint answers there is left to the first question.
 */
export async function noticeModel({
  kind,
  baseURL,
  apiKey,
}: ModelConfig): Promise<string | undefined> {
  if (kind === "demo") return undefined;
  const variable = baseURL === undefined ? "OPENAI_API_KEY" : "OPENAI_BASE_URL";
  const url = `${(baseURL ?? "https://api.openai.com/v1").replace(/\/+$/, "")}/models`;
  try {
    const headers: Record<string, string> =
      apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT) });
    await response.body?.cancel();
    if (response.status !== 401) return undefined;
    return `OPENAI_API_KEY is ${apiKey === undefined ? "missing: the endpoint wants one" : "not taken by the endpoint"}. Set it to a valid key and start again.`;
  } catch (error) {
    const why = whyUnreached(error) ?? "no answer";
    return `${variable}: the model endpoint ${new URL(url).host} cannot be reached (${why}). Start that server or correct the address; questions are answered once it is there.`;
  }
}
