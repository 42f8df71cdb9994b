import { isDeepStrictEqual } from "node:util";

import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  RequestMethod,
  Routes,
} from "discord.js";
import { z } from "zod";

import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { Anything, type Api } from "./api.ts";

export const COMMAND = "patchbay";

/** What people can choose; what they choose reaches the relay as it stands here. */
const WORDS = ["help", "new", "status"];

/** Where the bot is a member, and in DMs with it: not where somebody installed it for themselves alone. */
const DEFINITION = {
  type: ApplicationCommandType.ChatInput,
  name: COMMAND,
  description: "Ask Patchbay for help, a fresh start or its status; only you see the answer",
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: "command",
      description: "What it should do; help, if you choose nothing",
      choices: WORDS.map((word) => ({ name: word, value: word })),
    },
  ],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
};

/** Of a registered command all that the definition says; Discord adds ids, versions and defaults. */
const Registered = z.array(
  z.object({
    type: z.number(),
    name: z.string(),
    description: z.string(),
    options: z
      .array(
        z.object({
          type: z.number(),
          name: z.string(),
          description: z.string(),
          choices: z.array(z.object({ name: z.string(), value: z.unknown() })).optional(),
        }),
      )
      .optional(),
    integration_types: z.array(z.number()).optional(),
    contexts: z.array(z.number()).nullish(),
  }),
);

/** Registers `/patchbay` in all servers, unless it is there already. Failures are logged: the bot works without. */
export async function registerCommands(api: Api, application: string, log: Log): Promise<void> {
  const route = Routes.applicationCommands(application);
  try {
    const registered = await api.request({ method: RequestMethod.Get, route }, Registered);
    if (isDeepStrictEqual(registered, Registered.parse([DEFINITION]))) return;
    await api.request({ method: RequestMethod.Put, route, body: [DEFINITION] }, Anything);
    log.debug("/patchbay was registered with Discord");
  } catch (error) {
    log.warn({ error: messageOf(error) }, "/patchbay was not registered with Discord");
  }
}
