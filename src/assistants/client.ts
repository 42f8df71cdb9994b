import OpenAI from "openai";

import type { AssistantsServer } from "./server.ts";

export type AssistantsEndpoint =
  | { readonly server: Pick<AssistantsServer, "fetch"> }
  | { readonly baseURL: string; readonly apiKey: string };

/**
 * The official SDK over the server in this process, without a socket, or over a remote one. It repeats nothing
 * by itself: a repeated message or run would be a second one.
 */
export function createAssistantsClient(endpoint: AssistantsEndpoint): OpenAI {
  if ("baseURL" in endpoint) return new OpenAI({ ...OPTIONS, ...endpoint });
  const { server } = endpoint;
  return new OpenAI({
    ...OPTIONS,
    baseURL: "http://in-process/v1",
    apiKey: "in-process",
    fetch: (url, init) => server.fetch(new Request(url, init)),
  });
}

/** What the SDK would otherwise read from the environment is given here: config.ts is its one reader. */
const OPTIONS = {
  maxRetries: 0,
  adminAPIKey: null,
  organization: null,
  project: null,
  webhookSecret: null,
  logLevel: "off",
} as const;
