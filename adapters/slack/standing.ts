import { z } from "zod";
import type { Standing } from "../../src/relay/message.ts";
import type { Profile } from "./directory.ts";
import type { Identity } from "./identity.ts";

/** What an event itself tells of its author. */
export const Author = z.object({
  /** Set in channels that are shared with other organisations. */
  user_team: z.string().nullish(),
  source_team: z.string().nullish(),
  user_profile: z
    .object({
      team: z.string().optional(),
      is_restricted: z.boolean().optional(),
      is_ultra_restricted: z.boolean().optional(),
    })
    .nullish()
    .catch(undefined),
});

type Author = z.infer<typeof Author>;

/** From users.info and from the event; where neither tells, the message itself came from the workspace. */
export function standingOf(author: Author, profile: Profile | undefined, bot: Identity): Standing {
  const { user_team, source_team, user_profile } = author;
  const own = new Set([bot.team, bot.organisation]);
  const told = [user_team, source_team, user_profile?.team].filter(
    (team) => team !== undefined && team !== null,
  );
  // What the event tells of this very message goes before what users.info tells of the person.
  const teams = told.length > 0 ? told : [profile?.team].filter((team) => team !== undefined);
  // In an Enterprise Grid, people of the bot's organisation may belong to another of its workspaces.
  const isColleague = bot.organisation !== undefined && profile?.organisation === bot.organisation;
  if (profile?.stranger === true) return "external";
  if (!isColleague && teams.some((team) => !own.has(team))) return "external";
  const isGuest =
    profile?.guest === true ||
    user_profile?.is_restricted === true ||
    user_profile?.is_ultra_restricted === true;
  return isGuest ? "guest" : "member";
}
