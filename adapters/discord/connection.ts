import { once } from "node:events";

import {
  type ChatInputCommandInteraction,
  Client,
  Events,
  GatewayIntentBits,
  Options,
  Partials,
  Status,
} from "discord.js";

import { ConfigurationFault, messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { COMMAND } from "./commands.ts";
import { faultOf, isUnauthorised, tokenFault, translate } from "./errors.ts";
import { type Packet, readPacket } from "./packets.ts";
import { restOptions } from "./rest.ts";

/** Message content is the only privileged one: people switch it on in the developer portal. */
export const INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.DirectMessageReactions,
  GatewayIntentBits.MessageContent,
] as const;

/** The gateway, over which messages arrive. It reconnects and resumes by itself. */
export interface Connection extends AsyncDisposable {
  /** True while messages arrive. */
  readonly ready: boolean;
  /** The id under which commands are registered. */
  readonly application: string;
  /** The bot's user id. */
  readonly me: string;
}

interface ConnectionOptions {
  readonly token: string;
  readonly apiUrl: string | undefined;
  readonly log: Log;
  /** Called with the client, whose names are known, before the first message. */
  readonly onNames: (client: Client<true>) => void;
  readonly onPacket: (packet: Packet, me: string) => void;
  readonly onCommand: (interaction: ChatInputCommandInteraction) => void;
  /** Called when Discord ends the connection for good. */
  readonly onFatal: (error: Error) => void;
}

/** Resolves when messages arrive. Throws a ConfigurationFault where Discord does not let the bot in. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { token, apiUrl, log, onCommand, onFatal } = options;
  const client = new Client({
    intents: INTENTS,
    // Without this partial no command in a DM arrives: Discord tells of no DM channel beforehand.
    partials: [Partials.Channel],
    // Messages are read as the gateway tells them.
    makeCache: Options.cacheWithLimits({ MessageManager: 0 }),
    // As many as Discord advises; it is one below 2,500 servers.
    shards: "auto",
    allowedMentions: { parse: [], repliedUser: false },
    rest: restOptions(apiUrl),
  });
  const ended = new AbortController();
  let application = "";
  let me = "";
  let state: "connecting" | "connected" | "closed" = "connecting";
  client.on(Events.ShardDisconnect, ({ code }) => {
    const fault = faultOf(code);
    ended.abort(fault);
    if (state === "connected") onFatal(fault);
  });
  client.on(Events.Error, (error) => log.error({ error: error.message }, "discord.js failed"));
  client.on(Events.ShardError, (error) => log.warn({ error: error.message }, "gateway error"));
  client.on(Events.ShardReconnecting, () => {
    if (state !== "closed") log.info("the gateway connection was lost; connecting again");
  });
  client.on(Events.ShardResume, (_, replayed) => log.info({ replayed }, "the gateway resumed"));
  const flush = listen(client, options);
  client.on(Events.InteractionCreate, (interaction) => {
    if (interaction.isChatInputCommand() && interaction.commandName === COMMAND)
      onCommand(interaction);
  });

  try {
    const ready = once(client, Events.ClientReady, { signal: ended.signal });
    client.once(Events.ClientReady, (loggedIn) => {
      ({ id: me } = loggedIn.user);
      ({ id: application } = loggedIn.application);
      options.onNames(loggedIn);
      flush(me);
    });
    await Promise.all([ready, client.login(token)]);
    state = "connected";
  } catch (error) {
    state = "closed";
    await client.destroy();
    throw startFault(error, ended.signal.reason);
  }
  return {
    application,
    me,
    get ready() {
      return client.isReady() && client.ws.shards.every(({ status }) => status === Status.Ready);
    },
    async [Symbol.asyncDispose]() {
      state = "closed";
      await client.destroy();
    },
  };
}

/**
 * Messages come as they are, not as objects of discord.js, which leaves out what concerns a message or a DM that it
 * has not seen before. What comes while names are not yet known waits for the function that is returned.
 */
function listen(
  client: Client,
  { onPacket, log }: Pick<ConnectionOptions, "onPacket" | "log">,
): (me: string) => void {
  const early: Packet[] = [];
  let own: string | undefined;
  client.on(Events.Raw, (raw: unknown) => {
    try {
      const packet = readPacket(raw);
      if (packet === undefined) return;
      if (own === undefined) early.push(packet);
      else onPacket(packet, own);
    } catch (error) {
      log.warn({ error: messageOf(error) }, "a gateway event has an unknown shape and is left out");
    }
  });
  return (me) => {
    own = me;
    for (const packet of early.splice(0)) onPacket(packet, me);
  };
}

function startFault(error: unknown, ending: unknown): Error {
  if (ending instanceof ConfigurationFault) return ending;
  // discord.js says TokenInvalid for the 401, and for a token that it does not even send.
  if (error instanceof Error && "code" in error && error.code === "TokenInvalid")
    return tokenFault();
  const translated = translate(error);
  return isUnauthorised(translated) ? tokenFault() : translated;
}
