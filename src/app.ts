import { createDiscordPlatform } from "../adapters/discord/index.ts";
import { createSlackPlatform } from "../adapters/slack/index.ts";

import { createAssistantsClient } from "./assistants/client.ts";
import { guard } from "./assistants/guard.ts";
import { createModel } from "./assistants/models/index.ts";
import { type AssistantsServer, createAssistantsServer } from "./assistants/server.ts";
import type { Config } from "./config.ts";
import { messageOf } from "./errors.ts";
import { type Handler, startHttp } from "./http.ts";
import type { Log } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { proxyFor } from "./proxy.ts";
import { createAssistantDirectory } from "./relay/assistant.ts";
import { createBudgets } from "./relay/budget.ts";
import { createCommands } from "./relay/commands.ts";
import { createDispatcher, type Dispatcher } from "./relay/dispatcher.ts";
import type { Observe, TurnEvent } from "./relay/events.ts";
import { createGestureHand } from "./relay/gestures.ts";
import { createIntake } from "./relay/intake.ts";
import type { Hands, Platform } from "./relay/platform.ts";
import type { Relay } from "./relay/attempt.ts";
import { answer, apologise } from "./relay/relay.ts";
import { createThreads, type KnownThread } from "./relay/threads.ts";
import { type SettingsWatch, watchSettings } from "./settings/watch.ts";
import { openStore, type Store } from "./store/index.ts";
import { openKeyv } from "./store/keyv.ts";
import { createToolbox, loadTools, type ToolProblem } from "./toolbox/index.ts";

/** A running bot. */
export interface App extends AsyncDisposable {
  readonly url: string;
  readonly toolProblems: readonly ToolProblem[];
  /** Takes nothing new, finishes what is under way within `patience` ms, leaves the rest to the next start. */
  drain(patience: number): Promise<void>;
}

/** Turns at a time in one process; each is mostly waiting for the model. */
const CAPACITY = 64;
/** How far back missed messages are read: milliseconds, and messages in each channel. */
const CATCH_UP = { maxAge: 24 * 3_600_000, perChannel: 200 };
const SLACK = "https://slack.com/api/";
const OPENAI = "https://api.openai.com/v1";
const DEMO_HINT = "answers from the words it was given and the tools it has";

/** The composition root: builds the parts, starts them in order, and says when it is ready. It decides nothing. */
export async function startApp(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
  onFatal: (error: Error) => void,
): Promise<App> {
  await using opened = new AsyncDisposableStack();
  const settings = opened.use(await openSettings(config, log));
  const store = opened.use(await openStore(config, log));
  const metrics = createMetrics();
  const playground = config.playground ? opened.use(await openPlayground(config)) : undefined;
  const observe = (event: TurnEvent): void => {
    metrics.observe(event);
    playground?.observe(event);
  };
  const { platforms, slackOverHttp } = createPlatforms(
    playground?.platforms ?? config,
    log,
    onFatal,
  );
  for (const platform of platforms) opened.use(platform);
  const server = opened.use(createServer(config, settings, store, log));
  const loaded = await loadTools({ dir: config.toolsDir, log });
  const toolbox = createToolbox({ ...loaded, env, log });
  const relay = createRelay(config, store, { server, settings, toolbox, platforms, observe, log });
  const dispatcher = dispatch(relay, store);
  const http = opened.use(
    await startHttp({
      ...config,
      database: store.database,
      platforms,
      metrics: metrics.registry,
      assistants: guard(server, config.apiKeys),
      slack: slackOverHttp,
      pages: playground?.fetch ?? (() => new Response("Patchbay is running.\n")),
    }),
  );

  await server.start();
  dispatcher.start();
  const hands = createHands(config, store, settings, relay);
  const leaving = new AbortController();
  await Promise.all(
    platforms.map((platform) => listen(platform, hands, store, log, leaving.signal)),
  );
  const held = opened.move();
  return {
    url: http.url,
    toolProblems: loaded.problems,
    drain: async (patience) => {
      leaving.abort();
      await Promise.all(platforms.map((platform) => platform.stop()));
      await dispatcher.drain(patience);
      await server.drain(AbortSignal.timeout(1_000));
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function dispatch(relay: Relay, store: Store): Dispatcher {
  return createDispatcher({
    ...relay,
    ...store,
    answer: (turn, signal, control) => answer(relay, turn, signal, control),
    apologise: (turn, signal) => apologise(relay, turn, signal),
    capacity: CAPACITY,
  });
}

/** Resolves when it listens; what people wrote while nobody did is read afterwards, where the platform does not repeat it. */
async function listen(
  platform: Platform,
  hands: Hands,
  { inbox }: Store,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const cursors = await inbox.cursors(platform.name);
  await platform.start(hands);
  platform.catchUp?.(cursors, CATCH_UP, signal).catch((error: unknown) => {
    if (signal.aborted) return;
    log.warn(
      { platform: platform.name, error: messageOf(error) },
      "missed messages could not be read",
    );
  });
}

function createHands(config: Config, store: Store, settings: SettingsWatch, relay: Relay): Hands {
  const { gestures, owner } = store;
  const wake = (): Promise<void> => owner.notify("inbox");
  const tell = (turnId: string): Promise<void> => owner.notify("turn", turnId);
  return {
    receive: createIntake({ ...relay, gestures, wake, tell }),
    gesture: createGestureHand({ ...relay, gestures, wake, tell }),
    ...createCommands({
      ...relay,
      settingsFaults: () => settings.faults(),
      demo: config.model.kind === "demo",
    }),
  };
}

/** patchbay.yml, followed while the bot runs. */
function openSettings({ configFile }: Config, log: Log): Promise<SettingsWatch> {
  return watchSettings({
    file: configFile,
    log,
    onChange: () =>
      log.info("patchbay.yml was read again; the new settings hold from the next question on"),
    // Logged where it is found, shown by /patchbay status and doctor.
    onFault: () => {},
    signal: new AbortController().signal,
  });
}

function createPlatforms(
  { slack, discord, proxy }: Pick<Config, "slack" | "discord"> & Partial<Pick<Config, "proxy">>,
  log: Log,
  onFatal: (error: Error) => void,
): { platforms: Platform[]; slackOverHttp: Handler | undefined } {
  const overSlack =
    slack &&
    createSlackPlatform({ ...slack, proxy: proxyFor(slack.apiUrl ?? SLACK, proxy), log, onFatal });
  const overDiscord = discord && createDiscordPlatform({ ...discord, log, onFatal });
  return {
    platforms: [overSlack, overDiscord].filter((platform) => platform !== undefined),
    slackOverHttp: slack?.appToken === undefined ? overSlack?.handle : undefined,
  };
}

function createServer(
  config: Config,
  settings: SettingsWatch,
  { database, owner }: Store,
  log: Log,
): AssistantsServer {
  const { kind, apiKey, baseURL, name } = config.model;
  const through = proxyFor(baseURL ?? OPENAI, config.proxy);
  const proxy = through === undefined ? undefined : { url: through };
  const model = createModel(kind === "demo" ? { kind } : { kind, apiKey, baseURL, proxy });
  const { turnTimeout } = settings.current().limits;
  return createAssistantsServer({
    database,
    owner,
    models: () => model,
    defaultModel: name,
    // Seconds: the contract's ten minutes, or longer where a turn may take longer.
    runLifetime: Math.max(600, turnTimeout / 1_000),
    log,
  });
}

function createRelay(
  config: Config,
  store: Store,
  parts: Pick<Relay, "toolbox" | "observe" | "log"> & {
    settings: SettingsWatch;
    server: AssistantsServer;
    platforms: readonly Platform[];
  },
): Relay {
  const client = createAssistantsClient(config.assistants ?? { server: parts.server });
  return {
    ...store,
    ...parts,
    settings: () => parts.settings.current(),
    client,
    platforms: new Map(parts.platforms.map((platform) => [platform.name, platform])),
    threads: createThreads(client, openKeyv<KnownThread>(store.database, "thread")),
    assistants: createAssistantDirectory(client),
    defaultModel: config.model.name,
    secrets: config.secrets,
    budgets: createBudgets(),
  };
}

interface OpenPlayground extends AsyncDisposable {
  readonly platforms: Pick<Config, "slack" | "discord">;
  readonly fetch: Handler;
  readonly observe: Observe;
}

/** A Slack and a Discord on this machine, and the page to chat in them; loaded only where they are used. */
async function openPlayground({ model }: Config): Promise<OpenPlayground> {
  const [{ createSlackSimulator }, { createDiscordSimulator }, page] = await Promise.all([
    import("../simulator/slack/index.ts"),
    import("../simulator/discord/index.ts"),
    import("../simulator/page/index.ts"),
  ]);
  await using opened = new AsyncDisposableStack();
  const slack = opened.use(await createSlackSimulator({ seedWorld: page.createWorldOfSlack() }));
  const discord = opened.use(
    await createDiscordSimulator({ seedWorld: page.createWorldOfDiscord() }),
  );
  const playground = page.createPlayground({
    slack,
    discord,
    model: { name: model.name, ...(model.kind === "demo" && { hint: DEMO_HINT }) },
  });
  opened.defer(() => playground.close());
  const held = opened.move();
  return {
    platforms: {
      slack: {
        botToken: slack.world.tokens.bot,
        appToken: slack.world.tokens.app,
        signingSecret: undefined,
        apiUrl: slack.apiUrl,
        streaming: "auto",
      },
      discord: { token: discord.token, apiUrl: discord.apiUrl },
    },
    fetch: (request) => playground.fetch(request),
    observe: (event) => playground.tell({ ...event, at: Date.now() }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
