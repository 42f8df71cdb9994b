import { randomBytes } from "node:crypto";

import type {
  APIApplicationCommandInteraction,
  APIMessageComponentButtonInteraction,
  Locale,
} from "discord-api-types/v10";

import type { Changes } from "./changes.ts";
import { customIds } from "./form.ts";
import { type Payloads, typeOf } from "./payloads.ts";
import { refuse } from "./refusal.ts";
import { timeOf } from "./snowflakes.ts";
import type { Body } from "./validate.ts";
import type { DiscordMessage } from "./objects.ts";
import type { World } from "./world.ts";

/** Discord waits this long for the first answer, and keeps the token this long; milliseconds. */
const FIRST_ANSWER_MS = 3000;
const TOKEN_MS = 900_000;

const CHAT_INPUT = 1;
const BUTTON = 2;
const STRING = 3;

type Untyped<T> = Omit<T, "locale" | "entitlements"> & { locale: `${Locale}`; entitlements: [] };
type Payload =
  | Untyped<APIApplicationCommandInteraction>
  | Untyped<APIMessageComponentButtonInteraction>;

/** A slash command or a click, and what the bot made of it. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly channel: string;
  readonly user: string;
  /** What the gateway dispatches. */
  readonly payload: Payload;
  /** The message whose button was clicked. */
  readonly source?: string;
  readonly state: "pending" | "deferred" | "answered";
  /** The first answer, as the bot sent it. */
  readonly response?: Body<"POST /interactions/:id/:token/callback">;
  /** Only the person sees what is answered. */
  readonly ephemeral: boolean;
  /** The message that `@original` means, once there is one. */
  readonly original?: string;
}

export interface Slash {
  readonly channel: string;
  readonly user: string;
  /** The command's name, as it was registered. */
  readonly name: string;
  /** String options by name. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface Click {
  readonly channel: string;
  readonly message: string;
  readonly user: string;
  readonly customId: string;
}

export type Interactions = ReturnType<typeof createInteractions>;

export function createInteractions(world: World, payloads: Payloads, changes: Changes) {
  const held = new Map<string, Interaction>();

  const common = (channel: string, user: string) => {
    const guild_id = payloads.guildOf(channel);
    const person = payloads.user(user);
    return {
      id: world.nextId(),
      application_id: world.bot.id,
      token: randomBytes(24).toString("base64url"),
      version: 1 as const,
      channel_id: channel,
      channel: { id: channel, type: typeOf(world.channelOf(channel)) },
      locale: "en-US" as const,
      entitlements: [] as [],
      app_permissions: "0",
      authorizing_integration_owners: { 0: guild_id ?? "0" },
      context: guild_id === undefined ? (1 as const) : (0 as const),
      attachment_size_limit: 10_485_760,
      ...(guild_id === undefined
        ? { user: person }
        : { guild_id, member: { ...payloads.member(world.userOf(user)), permissions: "0" } }),
    };
  };

  const begin = (channel: string, user: string, payload: Payload, source?: string): Interaction => {
    const { id, token } = payload;
    const interaction: Interaction = {
      id,
      token,
      channel,
      user,
      payload,
      ...(source !== undefined && { source }),
      state: "pending",
      ephemeral: false,
    };
    held.set(token, interaction);
    changes.emit({ type: "interaction", interaction });
    return interaction;
  };

  return {
    slash({ channel, user, name, options = {} }: Slash): Interaction {
      const known = [...world.commands.values()].flat().find((command) => command.name === name);
      const data = {
        id: known?.id ?? world.nextId(),
        name,
        type: CHAT_INPUT,
        options: Object.entries(options).map(([option, value]) => ({
          name: option,
          type: STRING,
          value,
        })),
      } as const;
      return begin(channel, user, { ...common(channel, user), type: 2, data });
    },
    /** Throws where the message has no component with this custom id. */
    clickButton({ channel, message, user, customId }: Click): Interaction {
      const source: DiscordMessage = world.messageOf(channel, message);
      if (!customIds(source.components).includes(customId)) {
        throw new Error(`Message ${message} has no component ${customId}.`);
      }
      const data = { custom_id: customId, component_type: BUTTON } as const;
      const shown = payloads.message(source);
      return begin(
        channel,
        user,
        { ...common(channel, user), type: 3, data, message: shown },
        message,
      );
    },
    /** The interaction as it stands now. */
    now: (token: string): Interaction | undefined => held.get(token),
    /** For a first answer: refused where it comes too late or twice. */
    pending(id: string, token: string): Interaction {
      const interaction = held.get(token);
      if (interaction?.id !== id || age(interaction) > FIRST_ANSWER_MS) throw refuse(10062);
      if (interaction.state !== "pending") throw refuse(40060);
      return interaction;
    },
    /** For what follows a first answer: refused once the token has run out. */
    acknowledged(token: string): Interaction {
      const interaction = held.get(token);
      if (interaction === undefined || interaction.state === "pending") throw refuse(10015);
      if (age(interaction) > TOKEN_MS) throw refuse(50027);
      return interaction;
    },
    settle(token: string, change: Partial<Interaction>): void {
      const old = held.get(token);
      if (old === undefined) return;
      const interaction = { ...old, ...change };
      held.set(token, interaction);
      changes.emit({ type: "answered", interaction });
    },
  };
}

function age({ id }: Interaction): number {
  return Date.now() - timeOf(id);
}
