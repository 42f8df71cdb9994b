import { once } from "node:events";
import type { types } from "@slack/bolt";
import { createFaults, type Faults } from "../faults.ts";
import { createChanges } from "../changes.ts";
import type { Change, Changes } from "./changes.ts";
import {
  createPost,
  type Delivery,
  type Post,
  type Route,
  SLACK_TIMINGS,
  SUBSCRIBED,
  type Timings,
} from "./delivery.ts";
import { createHttpEvents, type EventsTarget } from "./http-events.ts";
import { createLimiter, type Limits } from "./limits.ts";
import type { Context } from "./methods/context.ts";
import { type Asked, createPerson, type Person } from "./person.ts";
import { createSlackServer } from "./server.ts";
import { createSockets } from "./sockets.ts";
import { createTraffic } from "./traffic.ts";
import { type CallRecord, createWebApi, type Latency } from "./web-api.ts";
import { createWorld, type Seed, type SlackMessage, threadKey, type World } from "./world.ts";

export type { Delivery } from "./delivery.ts";
export { signedRequest } from "./http-events.ts";
export type { CallRecord } from "./web-api.ts";
export type { SlackMessage, World } from "./world.ts";

export interface SlackSimulatorOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly seedWorld?: Seed;
  /** Slack's own rate limits by default. */
  readonly limits?: Limits;
  readonly latency?: Latency;
  /** Sends events, commands and clicks here as signed requests instead of over Socket Mode. */
  readonly eventsTo?: EventsTarget;
  readonly timings?: Timings;
  /** Event subscriptions of the app, as its manifest names them. */
  readonly subscribed?: readonly string[];
  /** Milliseconds that an open stream lives; Slack's are about 306,000. */
  readonly streamLifetime?: number;
}

export interface SlackFaults extends Faults {
  /** Every later event is delivered this many times; 1 ends it. */
  duplicateDelivery(times: number): void;
  /** Cuts `count` sockets without a word; all by default. */
  dropSockets(count?: number): void;
  /** Cuts the socket over which this delivery was sent and is not acknowledged. */
  dropSocketOf(delivery: Delivery): void;
  /** Leaves `count` sockets connected but deaf: no pong, no event, nothing heard; all by default. */
  deafenSockets(count?: number): void;
  /** Sends a `disconnect` message to `count` sockets; all by default. */
  refreshSockets(count?: number): void;
}

/** A Slack on this machine that @slack/bolt talks to. */
export interface SlackSimulator extends Person, AsyncDisposable {
  /** Base of the Web API, ending in `/api/`. */
  readonly apiUrl: string;
  readonly world: World;
  readonly faults: SlackFaults;
  readonly calls: readonly CallRecord[];
  readonly deliveries: readonly Delivery[];
  /** Open Socket Mode connections that are not deaf. */
  readonly sockets: number;
  /** A channel's messages, oldest first, replies included. */
  messages(channel: string): SlackMessage[];
  /** The root and its replies, oldest first. */
  thread(channel: string, ts: string): SlackMessage[];
  message(channel: string, ts: string): SlackMessage | undefined;
  /** What the app shows as its activity in this thread, or "". */
  status(channel: string, thread_ts: string): string;
  /** Delivers any event, as if Slack had thought of it. */
  sendEvent(event: types.SlackEvent): void;
  sendEventsTo(target: EventsTarget | undefined): void;
  subscribe: Changes["subscribe"];
  waitFor: Changes["waitFor"];
}

export async function createSlackSimulator(
  options: SlackSimulatorOptions = {},
): Promise<SlackSimulator> {
  const {
    port = 0,
    host = "127.0.0.1",
    timings = SLACK_TIMINGS,
    subscribed = SUBSCRIBED,
  } = options;
  const world = createWorld(options.seedWorld);
  const changes = createChanges<Change>();
  const faults = createFaults();
  const closing = new AbortController();
  const responses = new Map<string, Asked>();
  let base = "";
  let httpEvents: Route | undefined;

  const sockets = createSockets({ changes, post: () => post });
  const post: Post = createPost({
    world,
    changes,
    timings,
    subscribed,
    route: () => httpEvents ?? sockets,
  });
  const traffic = createTraffic({ world, changes, post: () => post, base: () => base });
  const person = createPerson({
    world,
    traffic,
    changes,
    post: () => post,
    base: () => base,
    responses,
  });
  const context = (): Context => ({
    world,
    traffic,
    changes,
    base,
    streamLifetime: options.streamLifetime ?? 306_000,
    invite: () => sockets.invite(base),
  });
  const webApi = createWebApi({
    context,
    faults,
    limiter: createLimiter(options.limits ?? "real", Date.now),
    latency: options.latency ?? 0,
    signal: closing.signal,
  });
  const sendEventsTo = (target: EventsTarget | undefined): void => {
    httpEvents =
      target === undefined
        ? undefined
        : createHttpEvents({
            signingSecret: world.tokens.signingSecret,
            target,
            timeout: timings.acknowledgement,
            post: () => post,
            signal: closing.signal,
          });
    post.flush();
  };
  sendEventsTo(options.eventsTo);

  const server = createSlackServer({ world, webApi, sockets, traffic, changes, responses });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  base = `http://${host}:${typeof address === "object" && address !== null ? address.port : port}`;

  const messages = (channel: string): SlackMessage[] => [...world.messagesOf(channel).values()];
  return {
    ...person,
    apiUrl: `${base}/api/`,
    world,
    faults: {
      ...faults,
      duplicateDelivery: (times) => void (post.copies = times),
      dropSockets: (count) => sockets.drop(count),
      dropSocketOf: (delivery) => sockets.dropHolder(delivery.id),
      deafenSockets: (count) => sockets.deafen(count),
      refreshSockets: (count) => sockets.refresh(count),
    },
    calls: webApi.calls,
    deliveries: post.deliveries,
    get sockets() {
      return sockets.open;
    },
    messages,
    thread: (channel, ts) =>
      messages(channel).filter((message) => message.ts === ts || message.thread_ts === ts),
    message: (channel, ts) => world.messagesOf(channel).get(ts),
    status: (channel, thread_ts) => world.statuses.get(threadKey(channel, thread_ts)) ?? "",
    sendEvent: (event) => post.event(event),
    sendEventsTo,
    subscribe: changes.subscribe,
    waitFor: changes.waitFor,
    async [Symbol.asyncDispose]() {
      closing.abort();
      post.close();
      sockets.close();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
