import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { ChannelInfo, Command } from "../../src/relay/message.ts";
import type { Hands } from "../../src/relay/platform.ts";
import type { Fetch } from "./clients.ts";
import type { Directory } from "./directory.ts";
import type { Identity } from "./identity.ts";
import { REQUEST_TIMEOUT } from "./limits.ts";
import { toMrkdwn } from "./mrkdwn.ts";
import { standingOf } from "./standing.ts";

/** Milliseconds after which the command is acknowledged without its answer; Slack waits for three seconds. */
const PATIENCE = 2000;

const SlashCommand = z.object({
  channel_id: z.string(),
  channel_name: z.string().optional(),
  user_id: z.string(),
  user_name: z.string().optional(),
  text: z.string().default(""),
  response_url: z.string(),
});

type SlashCommand = z.infer<typeof SlashCommand>;

interface Answering {
  readonly bot: Identity;
  readonly directory: Directory;
  readonly hands: Pick<Hands, "command">;
  readonly fetch: Fetch;
  readonly log: Log;
  readonly patience?: number;
}

interface Delivered {
  readonly command: unknown;
  readonly ack: (response?: Ephemeral) => Promise<void>;
}

interface Ephemeral {
  readonly response_type: "ephemeral";
  readonly text: string;
}

/** Bolt's listener for /patchbay: the answer goes with the acknowledgement, or after it where it takes longer. */
export function createCommandListener({
  bot,
  directory,
  hands,
  fetch,
  log,
  patience = PATIENCE,
}: Answering): (delivered: Delivered) => Promise<void> {
  return async ({ command: payload, ack }) => {
    const command = SlashCommand.parse(payload);
    const answer = answerTo(command);
    const waiting = new AbortController();
    const first = await Promise.race([
      answer,
      sleep(patience, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]).finally(() => waiting.abort());
    if (first !== undefined) return ack(first);
    await ack();
    await followUp(command.response_url, await answer);
  };

  async function answerTo(command: SlashCommand): Promise<Ephemeral> {
    await directory.learn({ people: [command.user_id], channels: [command.channel_id] });
    const markdown = await hands.command(readCommand(command, bot, directory));
    return { response_type: "ephemeral", text: toMrkdwn(markdown) };
  }

  async function followUp(url: string, answer: Ephemeral): Promise<void> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(answer),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    } catch (error) {
      log.warn({ reason: messageOf(error) }, "The answer to a command did not reach Slack");
    }
  }
}

/** Slack takes no commands in threads, so the conversation has no root. */
function readCommand(
  { channel_id, channel_name, user_id, user_name, text }: SlashCommand,
  bot: Identity,
  directory: Directory,
): Command {
  return {
    conversation: { platform: "slack", workspace: bot.team, channel: channel_id },
    author: { id: user_id, name: directory.user(user_id) ?? user_name ?? user_id },
    standing: standingOf({}, directory.profile(user_id), bot),
    where: { ...nameIn(channel_name), ...directory.where(channel_id) },
    text: text.trim(),
  };
}

/** What the command itself calls the channel: a name only where it is a public one. */
function nameIn(name: string | undefined): ChannelInfo {
  const unnamed =
    name === undefined || name === "" || /^(?:directmessage|privategroup|mpdm-)/.test(name);
  return unnamed ? {} : { name };
}
