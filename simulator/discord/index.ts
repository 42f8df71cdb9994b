import { once } from "node:events";
import { createServer } from "node:http";

import { createFaults, type Faults } from "../faults.ts";
import { createChanges } from "../changes.ts";
import type { CallRecord, Change, Changes } from "./changes.ts";
import { createDownloads } from "./downloads.ts";
import { INTENT } from "./events.ts";
import { createGateway } from "./gateway.ts";
import { createInteractions, type Interaction } from "./interactions.ts";
import { createLimiter, type Limits } from "./limits.ts";
import { createPayloads } from "./payloads.ts";
import { createPerson, type Person } from "./person.ts";
import { createRest, type Latency } from "./rest.ts";
import { channelRoutes } from "./routes/channels.ts";
import { interactionRoutes } from "./routes/interactions.ts";
import { messageRoutes } from "./routes/messages.ts";
import { peopleRoutes } from "./routes/people.ts";
import { createValidate } from "./validate.ts";
import type { DiscordMessage, Seed } from "./objects.ts";
import { createWorld, type World } from "./world.ts";

export type { DiscordChannel, DiscordMessage } from "./objects.ts";

export interface DiscordSimulatorOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly seedWorld?: Seed;
  /** Discord's own rate limits by default. */
  readonly limits?: Limits;
  readonly latency?: Latency;
  /** False for an application whose Message Content Intent is off in the developer portal. */
  readonly messageContent?: boolean;
}

interface DiscordFaults extends Faults {
  /** Every later gateway event is delivered this many times; 1 ends it. */
  duplicateDelivery(times: number): void;
  /** Cuts every gateway socket: with a close frame where a code is given, else without a word. */
  dropSockets(code?: number): void;
  /** Forgets every gateway session, so that the next RESUME is answered by INVALID_SESSION. */
  forgetSessions(): void;
  /** Lets every attachment's URL that was given out so far run out. */
  expireLinks(): void;
}

/** A Discord on this machine that discord.js talks to. */
export interface DiscordSimulator extends Person, AsyncDisposable {
  /** Base of the REST API, ending in `/api`. */
  readonly apiUrl: string;
  readonly token: string;
  readonly world: World;
  readonly faults: DiscordFaults;
  /** Every REST request, in the order in which they were answered. */
  readonly calls: readonly CallRecord[];
  /** Gateway connections that are past IDENTIFY or RESUME. */
  readonly sockets: number;
  /** The person with this name; throws where there is none. */
  user(name: string): string;
  /** The channel with this name; throws where there is none. */
  channel(name: string): string;
  /** What the channel shows, oldest first; ephemeral answers included. */
  messages(channel: string): DiscordMessage[];
  message(channel: string, id: string): DiscordMessage | undefined;
  /** When this user was last seen typing there, in milliseconds since 1970. */
  typing(channel: string, user?: string): number | undefined;
  interaction(token: string): Interaction | undefined;
  subscribe: Changes["subscribe"];
  waitFor: Changes["waitFor"];
}

export async function createDiscordSimulator(
  options: DiscordSimulatorOptions = {},
): Promise<DiscordSimulator> {
  const { port = 0, host = "127.0.0.1", limits = "real", latency = 0 } = options;
  const closing = new AbortController();
  const changes = createChanges<Change>();
  const faults = createFaults();
  const world = createWorld(changes, options.seedWorld);
  let base = "";
  const gatewayUrl = (): string => base.replace(/^http/, "ws");

  const downloads = createDownloads(world, () => base);
  const payloads = createPayloads(world, downloads.urlOf);
  const interactions = createInteractions(world, payloads, changes);
  const validate = createValidate();
  const calls: CallRecord[] = [];
  const rest = createRest({
    routes: [
      ...peopleRoutes(world, payloads, validate, gatewayUrl),
      ...channelRoutes(world, payloads, validate),
      ...messageRoutes(world, payloads, validate),
      ...interactionRoutes({ world, payloads, validate, interactions }),
    ],
    token: world.token,
    faults,
    limiter: createLimiter(limits),
    changes,
    latency,
    signal: closing.signal,
  });

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://simulator");
    if (url.pathname.startsWith("/attachments/")) return downloads.serve(response, url);
    rest(request, response, url).catch((error: unknown) => {
      // A fault of the simulator itself: said aloud, since a bot would take it for Discord's.
      if (closing.signal.aborted) response.socket?.destroy();
      else response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
    });
  });
  const gateway = createGateway({
    server,
    world,
    payloads,
    changes,
    granted: options.messageContent === false ? 0 : INTENT.messageContent,
    url: gatewayUrl,
  });
  changes.subscribe((change) => {
    if (change.type === "called") calls.push(change.call);
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  base = `http://${host}:${typeof address === "object" && address !== null ? address.port : port}`;

  const messages = (channel: string): DiscordMessage[] =>
    [...world.messagesOf(channel).values()].filter(({ deleted }) => !deleted);

  return {
    ...createPerson(world, interactions),
    apiUrl: `${base}/api`,
    token: world.token,
    world,
    faults: {
      ...faults,
      duplicateDelivery: (times) => void (gateway.copies = times),
      dropSockets: gateway.dropSockets,
      forgetSessions: gateway.forgetSessions,
      expireLinks: downloads.expire,
    },
    calls,
    get sockets() {
      return gateway.ready;
    },
    user: (name) => named(world.users.values(), name),
    channel: (name) => named(world.channels.values(), name),
    messages,
    message: (channel, id) => messages(channel).find((message) => message.id === id),
    typing: (channel, user = world.bot.id) => world.typing.get(`${channel} ${user}`),
    interaction: (token) => interactions.now(token),
    subscribe: changes.subscribe,
    waitFor: changes.waitFor,
    async [Symbol.asyncDispose]() {
      closing.abort();
      gateway.close();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function named(
  all: Iterable<{ readonly id: string; readonly name: string }>,
  name: string,
): string {
  for (const one of all) if (one.name === name) return one.id;
  throw new Error(`The simulated Discord has nobody and nothing named ${name}.`);
}
