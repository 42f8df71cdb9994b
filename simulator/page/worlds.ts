import type { DiscordSimulatorOptions } from "../discord/index.ts";
import type { SlackSimulatorOptions } from "../slack/index.ts";

/** The same small team on both platforms: what the page is made for. Hand these to the simulators as `seedWorld`. */

const PEOPLE = ["Ana", "Lee", "Sam"] as const;

export function createWorldOfSlack(): NonNullable<SlackSimulatorOptions["seedWorld"]> {
  return {
    team: { id: "T0ACME", name: "Acme" },
    users: PEOPLE.map((name) => ({
      id: `U0${name.toUpperCase()}`,
      name: name.toLowerCase(),
      real_name: name,
      team_id: "T0ACME",
    })),
    channels: [{ id: "C0OPS", name: "ops" }],
  };
}

export function createWorldOfDiscord(): NonNullable<DiscordSimulatorOptions["seedWorld"]> {
  return { users: PEOPLE.map((name) => ({ name })), channels: ["general"] };
}
