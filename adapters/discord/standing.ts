import { RequestMethod, Routes } from "discord.js";

import { messageOf, PlatformRefused } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Standing } from "../../src/relay/message.ts";
import { type Api, Anything } from "./api.ts";

/** Servers that are asked about one person, so many at a time. */
const MOST_GUILDS = 50;
const AT_A_TIME = 10;

/** Milliseconds for all of them together. */
const PATIENCE = 1000;

/** Milliseconds for which an answer is kept; any but a clear yes not for long, since people join when told to. */
const KEPT = 600_000;
const KEPT_UNSURE = 60_000;

/** Discord's words for "no": unknown member, unknown user, and a server that the bot has left. */
const NOT_THERE: ReadonlySet<string> = new Set(["10007", "10013", "10004"]);

export interface Visitor {
  readonly user: string;
  /** Null in a DM. */
  readonly guild: string | null;
  /** Has joined, but not yet passed the server's membership screening. */
  readonly pending: boolean;
}

export interface Standings {
  of(visitor: Visitor): Promise<Standing>;
}

interface StandingsOptions {
  readonly api: Api;
  /** Ids of the servers that the bot is in, those first where this person was seen lately. */
  readonly guilds: (user: string) => readonly string[];
  readonly log: Log;
}

/**
 * Who wrote in a server belongs to it. Whoever writes a DM shares a server with the bot or has installed it for
 * themselves, which nobody of the team need have allowed: that is asked for. Only a clear "in none of them" makes
 * a stranger; where Discord says nothing (an error, a time-out, more servers than are asked, or none known),
 * turning a colleague away would be the greater harm, and nothing is shown to them but what the model says.
 */
export function createStandings({ api, guilds, log }: StandingsOptions): Standings {
  const known = new Map<string, { readonly standing: Promise<Standing>; readonly until: number }>();

  const isMember = async (guild: string, user: string, signal: AbortSignal): Promise<boolean> => {
    const route = Routes.guildMember(guild, user);
    try {
      await api.request({ method: RequestMethod.Get, route, signal }, Anything);
      return true;
    } catch (error) {
      if (error instanceof PlatformRefused && NOT_THERE.has(error.code)) return false;
      throw error;
    }
  };

  /** Undefined where Discord did not say. */
  const ask = async (user: string): Promise<boolean | undefined> => {
    const all = guilds(user);
    const signal = AbortSignal.timeout(PATIENCE);
    let unanswered = all.length === 0 || all.length > MOST_GUILDS;
    for (let begin = 0; begin < Math.min(all.length, MOST_GUILDS); begin += AT_A_TIME) {
      const some = all.slice(begin, Math.min(begin + AT_A_TIME, MOST_GUILDS));
      const answers = await Promise.allSettled(
        some.map(async (guild) => isMember(guild, user, signal)),
      );
      if (answers.some((answer) => answer.status === "fulfilled" && answer.value)) return true;
      for (const answer of answers) {
        if (answer.status === "fulfilled") continue;
        unanswered = true;
        log.debug({ error: messageOf(answer.reason), user }, "a server did not tell its member");
      }
    }
    return unanswered ? undefined : false;
  };

  const remember = (user: string): Promise<Standing> => {
    const now = Date.now();
    for (const [key, { until }] of known) if (until <= now) known.delete(key);
    const entry = known.get(user);
    if (entry !== undefined) return entry.standing;
    const standing = ask(user).then((member): Standing => {
      if (member === true) known.set(user, { standing, until: now + KEPT });
      return member === false ? "stranger" : "member";
    });
    known.set(user, { standing, until: now + KEPT_UNSURE });
    return standing;
  };

  return {
    async of({ user, guild, pending }) {
      if (guild === null) return await remember(user);
      return pending ? "guest" : "member";
    },
  };
}
