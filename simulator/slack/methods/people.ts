import { Refusal } from "../refusal.ts";
import { type Handlers, messageOf } from "./context.ts";

export const people: Handlers<
  | "apps.connections.open"
  | "auth.test"
  | "reactions.add"
  | "reactions.remove"
  | "users.info"
  | "views.publish"
> = {
  "apps.connections.open"(_args, context) {
    return { url: context.invite() };
  },
  "auth.test"(_args, { world, base }) {
    return {
      url: `${base}/`,
      team: world.team.name,
      user: world.bot.name,
      team_id: world.team.id,
      user_id: world.bot.user_id,
      bot_id: world.bot.bot_id,
      is_enterprise_install: false,
    };
  },
  "users.info"(args, { world }) {
    const user = world.users.get(args.user);
    if (user === undefined) throw new Refusal("user_not_found");
    const profile = { display_name: user.real_name, real_name: user.real_name, team: user.team_id };
    const { enterprise_id } = user;
    return {
      user: {
        ...user,
        deleted: false,
        is_ultra_restricted: user.is_ultra_restricted ?? false,
        is_stranger: user.is_stranger ?? user.team_id !== world.team.id,
        ...(enterprise_id !== undefined && {
          enterprise_user: { id: user.id, enterprise_id, teams: [user.team_id] },
        }),
        profile: user.bot_id === undefined ? profile : { ...profile, bot_id: user.bot_id },
      },
    };
  },
  "reactions.add"(args, context) {
    const message = messageOf(context, args.channel, args.timestamp);
    const user = context.world.bot.user_id;
    if (message.reactions.get(args.name)?.has(user) === true) throw new Refusal("already_reacted");
    context.traffic.react(message, user, args.name, true);
    return {};
  },
  "reactions.remove"(args, context) {
    if (!("channel" in args)) throw new Refusal("no_item_specified");
    const message = messageOf(context, args.channel, args.timestamp);
    const user = context.world.bot.user_id;
    if (message.reactions.get(args.name)?.has(user) !== true) throw new Refusal("no_reaction");
    context.traffic.react(message, user, args.name, false);
    return {};
  },
  "views.publish"(args, { world, changes }) {
    if (!world.users.has(args.user_id)) throw new Refusal("invalid_arguments");
    world.homes.set(args.user_id, args.view);
    changes.emit({ type: "home", user: args.user_id });
    return {};
  },
};
