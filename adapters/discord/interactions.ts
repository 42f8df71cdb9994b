import { setTimeout as sleep } from "node:timers/promises";

import {
  type ChatInputCommandInteraction,
  type CommandInteractionOption,
  InteractionResponseType,
  MessageFlags,
  RequestMethod,
  Routes,
} from "discord.js";

import { messageOf, PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Command, Conversation } from "../../src/relay/message.ts";
import type { Hands } from "../../src/relay/platform.ts";
import { Anything, type Api } from "./api.ts";
import { whereOf } from "./directory.ts";
import { format } from "./format.ts";
import { LIMITS } from "./limits.ts";
import { NO_PINGS } from "./reply-to.ts";
import type { Standings } from "./standing.ts";

/** Milliseconds after which "thinking" is shown: Discord gives up a command without an answer after 3 s. */
const PATIENCE = 1500;

/** Too late, or answered by another process: nothing can be done about it. */
const OVER: ReadonlySet<string> = new Set(["10062", "40060"]);

const FAILED = "That did not work. Whoever runs this bot finds the reason in its log.";

interface CommandOptions {
  readonly api: Api;
  readonly standings: Standings;
  readonly log: Log;
}

/** Answers one `/patchbay`, to whoever gave it alone. Never throws. */
export async function answerCommand(
  { api, standings, log }: CommandOptions,
  interaction: ChatInputCommandInteraction,
  decide: Hands["command"],
): Promise<void> {
  const { id, token, applicationId } = interaction;
  const waiting = new AbortController();
  const content = contentFor(interaction, standings, decide).catch((error: unknown) => {
    log.error({ error: messageOf(error) }, "a command failed");
    return FAILED;
  });
  const respond = async (type: InteractionResponseType, data: object): Promise<void> => {
    const route = Routes.interactionCallback(id, token);
    await api.request(
      { method: RequestMethod.Post, route, body: { type, data }, auth: false },
      Anything,
    );
  };
  try {
    const late = sleep(PATIENCE, undefined, { signal: waiting.signal }).catch(() => undefined);
    const early = await Promise.race([content, late]);
    if (early !== undefined) {
      await respond(InteractionResponseType.ChannelMessageWithSource, hidden(early));
      return;
    }
    await respond(InteractionResponseType.DeferredChannelMessageWithSource, {
      flags: MessageFlags.Ephemeral,
    });
    const route = Routes.webhookMessage(applicationId, token, "@original");
    const body = { content: await content, allowed_mentions: NO_PINGS };
    await api.request({ method: RequestMethod.Patch, route, body, auth: false }, Anything);
  } catch (error) {
    const over = error instanceof PlatformRefused && OVER.has(error.code);
    log[over ? "debug" : "warn"]({ error: messageOf(error) }, "a command was not answered");
  } finally {
    waiting.abort();
  }
}

async function contentFor(
  interaction: ChatInputCommandInteraction,
  standings: Standings,
  decide: Hands["command"],
): Promise<string> {
  const { user, member, guildId: guild, channel } = interaction;
  const nick = member !== null && "displayName" in member ? member.displayName : member?.nick;
  const command: Command = {
    conversation: conversationOf(interaction),
    author: { id: user.id, name: nick ?? user.displayName },
    standing: await standings.of({ user: user.id, guild, pending: member?.pending === true }),
    where: whereOf(channel),
    text: wordsOf(interaction.options.data).join(" ").trim(),
  };
  const shown = format(await decide(command));
  return shown.length <= LIMITS.part ? shown : `${shown.slice(0, LIMITS.part - 1)}…`;
}

/** In a channel there is no conversation to speak of: each begins with a message. */
function conversationOf(interaction: ChatInputCommandInteraction): Conversation {
  const { guildId, channelId: channel } = interaction;
  if (guildId === null) return { platform: "discord", workspace: "dm", channel };
  const root = interaction.channel?.isThread() === true ? { root: channel } : {};
  return { platform: "discord", workspace: guildId, channel, ...root };
}

/** Subcommands and values, as one would have typed them. */
function wordsOf(options: readonly CommandInteractionOption[]): string[] {
  return options.flatMap(({ name, value, options: inner }) =>
    value === undefined ? [name, ...wordsOf(inner ?? [])] : [String(value)],
  );
}

function hidden(content: string): object {
  const flags = MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds;
  return { content, flags, allowed_mentions: NO_PINGS };
}
