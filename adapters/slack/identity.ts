import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { ConfigurationFault, RateLimited } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { translateAtStart } from "./errors.ts";
import { SCOPES } from "./manifest.ts";

/** Who the bot is, as auth.test says. */
export interface Identity {
  readonly team: string;
  /** The Enterprise Grid organisation of the workspace. */
  readonly organisation?: string | undefined;
  readonly user: string;
  readonly name?: string | undefined;
  readonly bot: string;
}

const AuthTest = z.object({
  team_id: z.string(),
  user_id: z.string(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  enterprise_id: z.string().nullish(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

/** Asks Slack who the bot is. Says in the log which scopes the app lacks; what they are for will be refused. */
export async function identify(client: WebClient, botToken: string, log: Log): Promise<Identity> {
  const answer = await client.auth.test().catch((error: unknown) => {
    throw translateAtStart(error, "SLACK_BOT_TOKEN");
  });
  const parsed = AuthTest.safeParse(answer);
  if (!parsed.success) {
    throw new ConfigurationFault([
      "SLACK_API_URL: what answers auth.test there names no team and user; it is not Slack.",
    ]);
  }
  const { team_id, user_id, user, bot_id = "", enterprise_id, response_metadata } = parsed.data;
  if (bot_id === "" && !botToken.startsWith("xoxb-")) {
    throw new ConfigurationFault([
      "SLACK_BOT_TOKEN: this is a person's token; take the bot's, which begins with xoxb-.",
    ]);
  }
  const granted = response_metadata?.scopes;
  const missing =
    granted === undefined ? [] : Object.keys(SCOPES).filter((scope) => !granted.includes(scope));
  if (missing.length > 0) {
    log.warn(
      { missing },
      "The Slack app lacks scopes: compare it with manifest.yml and install it again",
    );
  }
  const organisation = enterprise_id ?? undefined;
  return { team: team_id, organisation, user: user_id, name: user, bot: bot_id };
}

/**
 * Asks for a connection once, with the app token. The socket client itself would ask for ever where Slack answers
 * that the token is of the wrong kind or lacks its scope.
 */
export async function checkAppToken(client: WebClient): Promise<void> {
  try {
    await client.apps.connections.open();
  } catch (error) {
    const translated = translateAtStart(error, "SLACK_APP_TOKEN");
    if (!(translated instanceof RateLimited)) throw translated;
  }
}
