import { APIConnectionError, APIError } from "openai";

import { createAssistantsClient } from "../assistants/client.ts";
import { messageOf } from "../errors.ts";
import { type Finding, findingsIn } from "./finding.ts";
import { inDotEnv } from "./model-refusal.ts";

const { ok, fault } = findingsIn("assistants");

/** Milliseconds. */
const TIMEOUT = 8_000;

/** Asks a remote Assistants endpoint for its assistants, as the bot does first. */
export async function checkAssistants(
  endpoint: { readonly baseURL: string; readonly apiKey: string | undefined },
  signal: AbortSignal,
): Promise<Finding[]> {
  const { baseURL, apiKey } = endpoint;
  const client = createAssistantsClient({ baseURL, apiKey: apiKey ?? "none" });
  const host = URL.parse(baseURL)?.host ?? baseURL;
  try {
    const page = await client.beta.assistants.list({ limit: 1 }, { signal, timeout: TIMEOUT });
    if (!Array.isArray(page.data)) throw new TypeError("its answer is no list");
    return [
      ok("assistants-reached", `${host} serves the Assistants API; threads and runs live there.`),
    ];
  } catch (error) {
    return [explain(host, error)];
  }
}

function explain(host: string, error: unknown): Finding {
  if (error instanceof APIConnectionError)
    return fault(
      "assistants-unreachable",
      `${host} cannot be reached: ${messageOf(error)}`,
      `Start the server or correct the address. ${inDotEnv("ASSISTANTS_BASE_URL", "https://…/v1")}`,
    );
  const status: unknown = error instanceof APIError ? error.status : undefined;
  if (status === 401 || status === 403)
    return fault(
      "assistants-key-refused",
      `${host} does not take ASSISTANTS_API_KEY.`,
      `${inDotEnv("ASSISTANTS_API_KEY", "…")} (for another Patchbay: one of its API_KEYS)`,
    );
  if (typeof status === "number" && status >= 500)
    return fault(
      "assistants-fail",
      `${host} failed with HTTP ${status}.`,
      "Look into that server's log.",
    );
  return fault(
    "assistants-not-served",
    `${host} does not serve the Assistants API v2 (OpenAI's own was switched off in August 2026).`,
    "In .env: remove ASSISTANTS_BASE_URL, and the embedded server is used",
  );
}
