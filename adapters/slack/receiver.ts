import type { App, Receiver } from "@slack/bolt";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";

/** What Slack has delivered, over a socket or HTTP. */
interface Delivery {
  /** Events ask for no answer; commands and clicks carry one in their acknowledgement. */
  readonly isEvent: boolean;
  readonly body: Record<string, unknown>;
  readonly retryNum?: number | undefined;
  readonly retryReason?: string | undefined;
  readonly acknowledge: (response?: Record<string, unknown>) => Promise<void>;
}

/** Resolves with true when the delivery was acknowledged; never rejects. */
export type Process = (delivery: Delivery) => Promise<boolean>;

/** Where deliveries come from. */
interface Source {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Bolt's receiver. Bolt acknowledges an event before its listeners run; here the acknowledgement is held back until
 * they are done. If one throws, there is none, and Slack delivers the event again.
 */
export interface HoldingReceiver extends Receiver {
  readonly process: Process;
  readonly taking: boolean;
}

interface ReceiverOptions {
  /** Absent where requests come in from outside. */
  readonly source: () => Source | undefined;
  readonly log: Log;
}

export function createReceiver({ source, log }: ReceiverOptions): HoldingReceiver {
  const underWay = new Set<Promise<boolean>>();
  let app: App | undefined;
  let taking = false;

  return {
    get taking() {
      return taking;
    },
    init(bolt) {
      app = bolt;
    },
    async start() {
      taking = true;
      try {
        await source()?.start();
      } catch (error) {
        taking = false;
        throw error;
      }
    },
    /** Takes nothing new, lets what is under way end and be acknowledged, and only then closes the source. */
    async stop() {
      taking = false;
      await Promise.all(underWay);
      await source()?.stop();
    },
    async process(delivery) {
      if (!taking || app === undefined) return false;
      const running = hold(app, delivery, log);
      underWay.add(running);
      try {
        return await running;
      } finally {
        underWay.delete(running);
      }
    },
  };
}

/** Runs the listeners and acknowledges when they are done; resolves with whether that happened. */
async function hold(app: App, delivery: Delivery, log: Log): Promise<boolean> {
  const { isEvent, body, retryNum, retryReason, acknowledge } = delivery;
  let acknowledged = false;
  const answer = async (response?: unknown): Promise<void> => {
    if (acknowledged) return;
    await acknowledge(responseOf(response));
    acknowledged = true;
  };
  try {
    await app.processEvent({
      body,
      ...(retryNum !== undefined && { retryNum }),
      ...(retryReason !== undefined && { retryReason }),
      ack: isEvent ? async () => {} : answer,
    });
    if (isEvent) await answer();
  } catch (error) {
    log.warn({ reason: messageOf(error) }, "A delivery from Slack failed and is not acknowledged");
  }
  return acknowledged;
}

function responseOf(response: unknown): Record<string, unknown> | undefined {
  if (typeof response === "string") return { text: response };
  return typeof response === "object" && response !== null ? { ...response } : undefined;
}
