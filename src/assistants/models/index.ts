import OpenAI from "openai";
import { EnvHttpProxyAgent, fetch as undiciFetch } from "undici";

import { createChatCompletionsModel } from "./chat-completions.ts";
import { createDemoModel } from "./demo.ts";
import type { Model } from "./model.ts";
import { createResponsesModel } from "./responses.ts";

export interface EndpointSettings {
  readonly kind: "responses" | "chat";
  /** Left out for servers that want none; then no Authorization header is sent. */
  readonly apiKey?: string | undefined;
  /** Ends in `/v1` as a rule; OpenAI's own where not given. */
  readonly baseURL?: string | undefined;
  /** Milliseconds until the headers of an answer; 300,000 where not given, because local servers read a long prompt first. */
  readonly timeout?: number | undefined;
  /** Milliseconds without a byte after which an answer has stalled; 120,000 where not given. */
  readonly idleTimeout?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** The proxy's URL and the hosts to reach without it (as in NO_PROXY). Not used together with `fetch`. */
  readonly proxy?: { readonly url: string; readonly except?: string } | undefined;
}

export interface DemoSettings {
  readonly kind: "demo";
  /** Milliseconds between two words. */
  readonly delay?: number | undefined;
}

/** Makes the model that the settings name. Nothing is sent before the first request. */
export function createModel(settings: EndpointSettings | DemoSettings): Model {
  if (settings.kind === "demo") return createDemoModel({ delay: settings.delay });
  const client = createClient(settings);
  const { idleTimeout } = settings;
  return settings.kind === "responses"
    ? createResponsesModel({ client, idleTimeout })
    : createChatCompletionsModel({ client, idleTimeout });
}

/** Every option that the SDK would otherwise read from the environment is given, because config.ts is its one reader. */
function createClient(settings: EndpointSettings): OpenAI {
  const { apiKey, baseURL, timeout = 300_000, proxy } = settings;
  const fetch = settings.fetch ?? (proxy && throughProxy(proxy));
  return new OpenAI({
    apiKey: apiKey ?? "none",
    baseURL: baseURL ?? "https://api.openai.com/v1",
    timeout,
    maxRetries: 0,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: "off",
    ...(apiKey === undefined && { defaultHeaders: { authorization: null } }),
    ...(fetch && { fetch }),
  });
}

/** undici's own fetch, because the one built into Node may be of another release than this agent. */
function throughProxy({
  url,
  except,
}: NonNullable<EndpointSettings["proxy"]>): typeof globalThis.fetch {
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: url,
    httpsProxy: url,
    noProxy: except ?? "",
  });
  return async (input, init) => {
    const { body, status, headers } = await undiciFetch(input, { ...init, dispatcher });
    return new Response(body, { status, headers: [...headers] });
  };
}
