import { z } from "zod";
import type { WebClient } from "@slack/web-api";
import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";

/** The names of people, looked up with users.info and kept for a while. */
export interface People {
  /** Resolves when the names that can be had are known; a person who cannot be looked up keeps the id. */
  learn(ids: readonly string[]): Promise<void>;
  readonly user: (id: string) => string | undefined;
}

interface PeopleOptions {
  /** With a short timeout and without retries: Slack waits for an acknowledgement meanwhile. */
  readonly client: WebClient;
  readonly log: Log;
  /** Milliseconds that a name counts as known. */
  readonly lifetime?: number;
  /** Names kept at most; the ones looked up longest ago go first. */
  readonly capacity?: number;
}

const Answer = z.object({
  user: z.object({
    name: z.string().optional(),
    real_name: z.string().optional(),
    profile: z.object({ display_name: z.string().optional() }).optional(),
  }),
});

const HOUR = 3_600_000;
/** A name that could not be had is asked for again after this many milliseconds. */
const PATIENCE = 60_000;

export function createPeople({
  client,
  log,
  lifetime = 6 * HOUR,
  capacity = 5000,
}: PeopleOptions): People {
  const known = new Map<string, { readonly name: string | undefined; readonly until: number }>();
  const underWay = new Map<string, Promise<void>>();

  const lookUp = async (id: string): Promise<void> => {
    try {
      const { user } = Answer.parse(await client.users.info({ user: id }));
      remember(id, [user.profile?.display_name, user.real_name, user.name].find(Boolean), lifetime);
    } catch (error) {
      log.debug({ user: id, reason: messageOf(error) }, "A name could not be looked up in Slack");
      remember(id, known.get(id)?.name, PATIENCE);
    } finally {
      underWay.delete(id);
    }
  };
  const remember = (id: string, name: string | undefined, period: number): void => {
    known.delete(id);
    known.set(id, { name, until: Date.now() + period });
    const [oldest] = known.keys();
    if (known.size > capacity && oldest !== undefined) known.delete(oldest);
  };

  return {
    async learn(ids) {
      const missing = ids.filter((id) => (known.get(id)?.until ?? 0) < Date.now());
      const lookups = missing.map((id) => {
        const already = underWay.get(id) ?? lookUp(id);
        underWay.set(id, already);
        return already;
      });
      await Promise.all(lookups);
    },
    user: (id) => known.get(id)?.name,
  };
}
