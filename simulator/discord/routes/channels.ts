import type { Payloads } from "../payloads.ts";
import { refuse, refuseForm } from "../refusal.ts";
import { bodied, plain, type Route } from "../router.ts";
import type { Validate } from "../validate.ts";
import type { DiscordChannel } from "../objects.ts";
import type { World } from "../world.ts";

const LONGEST_NAME = 100;

export function channelRoutes(world: World, payloads: Payloads, validate: Validate): Route[] {
  const openThread = (parent: string, name: string, starter?: string): DiscordChannel => {
    if (world.channelOf(parent).type !== "text") throw refuse(50024);
    if (name.length < 1 || name.length > LONGEST_NAME) {
      throw refuseForm(["name"], "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.");
    }
    if (starter !== undefined && world.channels.has(starter)) throw refuse(160004);
    return world.addThread(parent, name, world.bot.id, starter);
  };

  return [
    plain("GET /channels/:id", (_, id = "") => ({
      status: 200,
      body: payloads.channel(world.channelOf(id)),
    })),
    plain("POST /channels/:id/typing", (_, id = "") => {
      world.type(id, world.bot.id);
      return { status: 204 };
    }),
    bodied(
      validate,
      "POST /channels/:id/messages/:id/threads",
      ({ body }, channel = "", id = "") => {
        const thread = openThread(channel, body.name, world.messageOf(channel, id).id);
        return { status: 201, body: payloads.channel(thread) };
      },
    ),
    bodied(validate, "POST /channels/:id/threads", ({ body }, channel = "") => ({
      status: 201,
      body: payloads.channel(openThread(channel, body.name)),
    })),
    plain(
      "PUT /channels/:id/messages/:id/reactions/:emoji/@me",
      (_, channel = "", id = "", emoji = "") => {
        world.react(channel, id, world.bot.id, emoji, true);
        return { status: 204 };
      },
    ),
    plain(
      "DELETE /channels/:id/messages/:id/reactions/:emoji/@me",
      (_, channel = "", id = "", emoji = "") => {
        world.react(channel, id, world.bot.id, emoji, false);
        return { status: 204 };
      },
    ),
    plain(
      "GET /channels/:id/messages/:id/reactions/:emoji",
      (_, channel = "", id = "", emoji = "") => ({
        status: 200,
        body: (world.messageOf(channel, id).reactions.get(emoji) ?? []).map(payloads.user),
      }),
    ),
  ];
}
