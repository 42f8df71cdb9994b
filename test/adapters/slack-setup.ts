import {
  createSlackPlatform,
  type SlackPlatform,
  type SlackPlatformOptions,
} from "../../adapters/slack/index.ts";
import {
  createSlackSimulator,
  type SlackMessage,
  type SlackSimulator,
  type SlackSimulatorOptions,
} from "../../simulator/slack/index.ts";
import { createLog } from "../../src/log.ts";
import type { Gesture, IncomingMessage, Place } from "../../src/relay/message.ts";
import type { Hands, Receive } from "../../src/relay/platform.ts";

export interface SlackSetup extends AsyncDisposable {
  readonly slack: SlackSimulator;
  readonly platform: SlackPlatform;
  /** What the platform has handed over and `receive` has taken, in order. */
  readonly received: IncomingMessage[];
  /** As `received`, for gestures. */
  readonly gestures: Gesture[];
  readonly fatal: Error[];
}

interface Options {
  readonly simulator?: SlackSimulatorOptions;
  readonly platform?: Partial<SlackPlatformOptions>;
  /** Over HTTP instead of sockets: the simulator calls `platform.handle`. */
  readonly http?: boolean;
  /** Runs before a message counts as received; may throw. */
  readonly receive?: Receive;
  readonly command?: Hands["command"];
  readonly introduce?: Hands["introduce"];
  /** Runs before a gesture counts as received; may throw. */
  readonly gesture?: Hands["gesture"];
}

/** A simulated Slack and the real Bolt, connected. */
export async function startSlack({
  simulator,
  platform: own,
  http = false,
  receive,
  command = async ({ text }) => `You said ${text}.`,
  introduce = async () => ({ text: "I am here.", prompts: [] }),
  gesture,
}: Options = {}): Promise<SlackSetup> {
  const received: IncomingMessage[] = [];
  const gestures: Gesture[] = [];
  const fatal: Error[] = [];
  const slack = await createSlackSimulator({
    limits: "off",
    ...(http && { eventsTo: (request: Request) => platform.handle(request) }),
    ...simulator,
  });
  const { bot, app, signingSecret } = slack.world.tokens;
  const platform: SlackPlatform = createSlackPlatform({
    botToken: bot,
    ...(http ? { signingSecret } : { appToken: app }),
    apiUrl: slack.apiUrl,
    log: createLog("silent"),
    onFatal: (error) => void fatal.push(error),
    ...own,
  });
  const dispose = async (): Promise<void> => {
    await platform[Symbol.asyncDispose]();
    await slack[Symbol.asyncDispose]();
  };
  try {
    await platform.start({
      receive: async (message) => {
        await receive?.(message);
        received.push(message);
      },
      gesture: async (made) => {
        await gesture?.(made);
        gestures.push(made);
      },
      command,
      introduce,
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { slack, platform, received, gestures, fatal, [Symbol.asyncDispose]: dispose };
}

/** Says something and hands over how it was read. */
export async function hear(
  { slack, received }: SlackSetup,
  words: Parameters<SlackSimulator["say"]>[0],
): Promise<IncomingMessage> {
  const { ts } = slack.say(words);
  await slack.waitFor(() => slack.deliveries.every((each) => each.acknowledged));
  const message = received.find(({ id }) => id === ts);
  if (message === undefined) throw new Error("The message did not arrive.");
  return message;
}

/** Where a reply to this message goes: its thread, or flat in a direct message. */
export function placeOf({ channel, ts, thread_ts, user }: SlackMessage): Place {
  const root = channel.startsWith("D") ? thread_ts : (thread_ts ?? ts);
  return {
    conversation: {
      platform: "slack",
      workspace: "T0SIM",
      channel,
      ...(root !== undefined && { root }),
    },
    question: ts,
    asker: { id: user, name: user },
  };
}
