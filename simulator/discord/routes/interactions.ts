import type { APIApplicationCommand } from "discord-api-types/v10";

import { checkForm } from "../form.ts";
import type { Interaction, Interactions } from "../interactions.ts";
import { mentionsOf } from "../mentions.ts";
import type { Payloads } from "../payloads.ts";
import { refuse } from "../refusal.ts";
import { bodied, plain, type Route, type Upload } from "../router.ts";
import type { Body, Validate } from "../validate.ts";
import type { DiscordMessage } from "../objects.ts";
import type { World } from "../world.ts";
import { stored } from "./messages.ts";

const EPHEMERAL = 64;
const MESSAGE = 4;
const DEFER = 5;
const DEFER_UPDATE = 6;
const UPDATE = 7;

type Post = Body<"POST /webhooks/:id/:token">;
type Edit = Body<"PATCH /webhooks/:id/:token/messages/@original">;

interface Options {
  readonly world: World;
  readonly payloads: Payloads;
  readonly validate: Validate;
  readonly interactions: Interactions;
}

export function interactionRoutes({ world, payloads, validate, interactions }: Options): Route[] {
  const post = (to: Interaction, body: Post | Edit, files: readonly Upload[], hidden: boolean) => {
    checkForm(body, files);
    const content = body.content ?? "";
    return world.post({
      channel: to.channel,
      user: world.bot.id,
      content,
      embeds: body.embeds ?? [],
      components: body.components ?? [],
      files: stored(world, files),
      flags: hidden ? EPHEMERAL : 0,
      mentions: mentionsOf(content, body.allowed_mentions, undefined),
      ...(hidden && { onlyFor: to.user }),
    });
  };

  const rewrite = ({ channel }: Interaction, id: string, body: Edit, files: readonly Upload[]) => {
    checkForm(body, files);
    const old = world.messageOf(channel, id);
    const content = body.content === undefined ? old.content : (body.content ?? "");
    return world.rewrite(channel, id, {
      content,
      mentions: mentionsOf(content, body.allowed_mentions, undefined),
      files: [...old.files, ...stored(world, files)],
      ...(body.embeds !== undefined && { embeds: body.embeds ?? [] }),
      ...(body.components !== undefined && { components: body.components ?? [] }),
    });
  };

  const shown = (message: DiscordMessage) => ({ status: 200, body: payloads.message(message) });

  return [
    bodied(
      validate,
      "POST /interactions/:id/:token/callback",
      ({ body, query, files }, id = "", token = "") => {
        const interaction = interactions.pending(id, token);
        const kind: number = body.type;
        const flags = "data" in body && body.data && "flags" in body.data ? body.data.flags : 0;
        const ephemeral = hides(flags);
        const data: Post = "data" in body && body.data && "content" in body.data ? body.data : {};
        const settled = { response: body, ephemeral };
        if (kind === MESSAGE) {
          const message = post(interaction, data, files, ephemeral);
          interactions.settle(token, { ...settled, state: "answered", original: message.id });
        } else if (kind === UPDATE) {
          rewrite(interaction, original(interaction), data, files);
          interactions.settle(token, { ...settled, state: "answered" });
        } else {
          const deferred = kind === DEFER || kind === DEFER_UPDATE;
          interactions.settle(token, { ...settled, state: deferred ? "deferred" : "answered" });
        }
        if (query.get("with_response") !== "true") return { status: 204 };
        const now = interactions.now(token);
        const message =
          now?.original === undefined ? undefined : world.messageOf(now.channel, now.original);
        return {
          status: 200,
          body: {
            interaction: {
              id,
              type: interaction.payload.type,
              response_message_ephemeral: ephemeral,
            },
            ...(message && { resource: { type: kind, message: payloads.message(message) } }),
          },
        };
      },
    ),
    bodied(
      validate,
      "PATCH /webhooks/:id/:token/messages/@original",
      ({ body, files }, _app, token = "") => {
        const interaction = interactions.acknowledged(token);
        const target = interaction.original ?? interaction.source;
        if (target !== undefined) return shown(rewrite(interaction, target, body, files));
        const message = post(interaction, body, files, interaction.ephemeral);
        interactions.settle(token, { state: "answered", original: message.id });
        return shown(message);
      },
    ),
    plain("GET /webhooks/:id/:token/messages/@original", (_, _app, token = "") => {
      const interaction = interactions.acknowledged(token);
      return shown(world.messageOf(interaction.channel, original(interaction)));
    }),
    plain("DELETE /webhooks/:id/:token/messages/@original", (_, _app, token = "") => {
      const interaction = interactions.acknowledged(token);
      world.remove(interaction.channel, original(interaction));
      return { status: 204 };
    }),
    bodied(validate, "POST /webhooks/:id/:token", ({ body, files }, _app, token = "") =>
      shown(post(interactions.acknowledged(token), body, files, hides(body.flags))),
    ),
    bodied(
      validate,
      "PATCH /webhooks/:id/:token/messages/:id",
      ({ body, files }, _app, token = "", id = "") =>
        shown(rewrite(interactions.acknowledged(token), id, body, files)),
    ),
    plain("DELETE /webhooks/:id/:token/messages/:id", (_, _app, token = "", id = "") => {
      world.remove(interactions.acknowledged(token).channel, id);
      return { status: 204 };
    }),
    ...commandRoutes(world, validate),
  ];
}

function hides(flags: number | undefined): boolean {
  return ((flags ?? 0) & EPHEMERAL) !== 0;
}

/** The message that `@original` means: the first answer, or the one whose button was clicked. */
function original(interaction: Interaction): string {
  const id = interaction.original ?? interaction.source;
  if (id === undefined) throw refuse(10008);
  return id;
}

function commandRoutes(world: World, validate: Validate): Route[] {
  type Sent = Body<"PUT /applications/:id/commands">[number];
  const put = (guild: string, sent: readonly (Sent | Omit<Sent, "dm_permission">)[]) => {
    const commands = sent.map((command) => ({
      default_member_permissions: null,
      description: "",
      type: 1,
      nsfw: false,
      integration_types: [0],
      contexts: null,
      ...command,
      id: world.nextId(),
      application_id: world.bot.id,
      version: world.nextId(),
    }));
    world.commands.set(guild, commands);
    return { status: 200, body: commands };
  };
  const list = (guild: string): { status: number; body: readonly APIApplicationCommand[] } => ({
    status: 200,
    body: world.commands.get(guild) ?? [],
  });
  return [
    plain("GET /applications/:id/commands", () => list("")),
    plain("GET /applications/:id/guilds/:id/commands", (_, _app, guild = "") => list(guild)),
    bodied(validate, "PUT /applications/:id/commands", ({ body }) => put("", body)),
    bodied(validate, "PUT /applications/:id/guilds/:id/commands", ({ body }, _app, guild = "") =>
      put(guild, body),
    ),
  ];
}
