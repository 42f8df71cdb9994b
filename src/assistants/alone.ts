import type { Config } from "../config.ts";
import { ConfigurationFault } from "../errors.ts";
import { startHttp } from "../http.ts";
import type { Log } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { openStore, type Store } from "../store/index.ts";
import { guard } from "./guard.ts";
import { createModel } from "./models/index.ts";
import { type AssistantsServer, createAssistantsServer } from "./server.ts";

/** What of the configuration concerns a server without a bot. */
export type AloneConfig = Pick<
  Config,
  "model" | "databaseUrl" | "dataDir" | "host" | "port" | "apiKeys"
>;

/** The Assistants server as a process of its own: no platforms, no tools. */
export interface Alone extends AsyncDisposable {
  /** Where clients point their base URL, ending in /v1. */
  readonly baseURL: string;
  /** Takes nothing new and finishes its runs within `patience` ms; the rest is left to others or the next start. */
  drain(patience: number): Promise<void>;
}

/** Serves /v1 over HTTP, with /healthz, /readyz and /metrics. Faults of the set-up are ConfigurationFaults. */
export async function startAssistants(config: AloneConfig, log: Log): Promise<Alone> {
  if (config.apiKeys.length === 0) {
    throw new ConfigurationFault([
      "API_KEYS is missing: the server answers only those who hold one of the keys that it lists, separated by commas.",
    ]);
  }
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openStore(config, log));
  const server = opened.use(openServer(config, store, log));
  const http = opened.use(
    await startHttp({
      ...config,
      database: store.database,
      platforms: [],
      metrics: createMetrics().registry,
      assistants: guard(server, config.apiKeys),
      slack: undefined,
      pages: () => new Response("The Assistants API is served below /v1.\n"),
    }),
  );
  await server.start();
  const held = opened.move();
  return {
    baseURL: `${http.url}/v1`,
    drain: (patience) => server.drain(AbortSignal.timeout(patience)),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The server over the configured model endpoint. */
function openServer(
  { model: { kind, apiKey, baseURL, name } }: Pick<Config, "model">,
  { database, owner }: Pick<Store, "database" | "owner">,
  log: Log,
): AssistantsServer {
  const model = createModel(kind === "demo" ? { kind } : { kind, apiKey, baseURL });
  return createAssistantsServer({ database, owner, models: () => model, defaultModel: name, log });
}
