import { guildCreate } from "../guild.ts";
import type { Payloads } from "../payloads.ts";
import { refuse } from "../refusal.ts";
import { bodied, plain, type Route } from "../router.ts";
import type { Validate } from "../validate.ts";
import type { DiscordUser } from "../objects.ts";
import type { World } from "../world.ts";

const LARGEST_PAGE = 1000;

/** The bot itself, users, DMs, the server and its members. */
export function peopleRoutes(
  world: World,
  payloads: Payloads,
  validate: Validate,
  gatewayUrl: () => string,
): Route[] {
  const known = (guild: string): void => {
    if (guild !== world.guild.id) throw refuse(10004);
  };
  const members = (): DiscordUser[] =>
    [...world.users.values()].filter(({ kind }) => kind === "member" || kind === "bot");

  return [
    plain("GET /gateway/bot", () => ({
      status: 200,
      body: {
        url: gatewayUrl(),
        shards: 1,
        session_start_limit: {
          total: 1000,
          remaining: 999,
          reset_after: 14_400_000,
          max_concurrency: 1,
        },
      },
    })),
    plain("GET /users/@me", () => ({ status: 200, body: payloads.user(world.bot.id) })),
    plain("GET /users/:id", (_, id = "") => ({ status: 200, body: payloads.user(id) })),
    bodied(validate, "POST /users/@me/channels", ({ body }) => {
      const user = world.userOf(body.recipient_id);
      if (user.kind === "bot" || user.kind === "webhook") throw refuse(50007);
      return { status: 200, body: payloads.channel(world.openDm(user.id)) };
    }),
    plain("GET /guilds/:id", (_, guild = "") => {
      known(guild);
      return { status: 200, body: guildCreate(world, payloads) };
    }),
    plain("GET /guilds/:id/channels", (_, guild = "") => {
      known(guild);
      const channels = [...world.channels.values()].filter(({ type }) => type === "text");
      return { status: 200, body: channels.map(payloads.text) };
    }),
    plain("GET /guilds/:id/members", ({ query }, guild = "") => {
      known(guild);
      const after = BigInt(query.get("after") ?? 0);
      const limit = Math.min(Number(query.get("limit") ?? 1), LARGEST_PAGE);
      const page = members().filter(({ id }) => BigInt(id) > after);
      return { status: 200, body: page.slice(0, limit).map(payloads.member) };
    }),
    plain("GET /guilds/:id/members/:id", (_, guild = "", id = "") => {
      known(guild);
      const member = members().find((candidate) => candidate.id === id);
      if (member === undefined) throw refuse(10007);
      return { status: 200, body: payloads.member(member) };
    }),
  ];
}
