import { WebClient } from "@slack/web-api";
import { z } from "zod";

import { type Finding, findingsIn } from "../../src/doctor/finding.ts";
import { whyUnreached } from "../../src/doctor/network.ts";
import type { PlatformCheck, SlackGiven } from "../../src/doctor/platform-check.ts";
import { messageOf } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { type Clients, createClients } from "./clients.ts";
import { translate } from "./errors.ts";
import { awaitHello, type Greeting } from "./hello.ts";
import { createLogger } from "./logger.ts";
import { SCOPES } from "./manifest.ts";

const { ok, warn, fault } = findingsIn("slack");
const APP = "api.slack.com/apps → your app →";

const REMEDIES = {
  SLACK_BOT_TOKEN: `${APP} OAuth & Permissions → Install to Workspace (or Reinstall) → Bot User OAuth Token → Copy; in .env: SLACK_BOT_TOKEN=xoxb-…`,
  SLACK_APP_TOKEN: `${APP} Basic Information → App-Level Tokens → Generate Token and Scopes → Add Scope connections:write → Generate; in .env: SLACK_APP_TOKEN=xapp-…`,
  SLACK_SIGNING_SECRET: `${APP} Basic Information → App Credentials → Signing Secret → Show; in .env: SLACK_SIGNING_SECRET=…`,
  SLACK_API_URL:
    "In .env: remove SLACK_API_URL; it is for another Slack than Slack's own and ends in /api/",
  SLACK_STREAMING: "In .env: SLACK_STREAMING=auto, or remove it",
} as const;

/** Looks at Slack as the bot would meet it: the bot token, its scopes, the app token, a socket. */
export const slackCheck: PlatformCheck<SlackGiven> = {
  howToBegin:
    "Slack\napi.slack.com/apps → Create New App → From a manifest → choose the workspace → paste manifest.yml → Create\n" +
    "OAuth & Permissions → Install to Workspace → Bot User OAuth Token; in .env: SLACK_BOT_TOKEN=xoxb-…\n" +
    "Basic Information → App-Level Tokens → Generate, with connections:write; in .env: SLACK_APP_TOKEN=xapp-…",
  remedies: REMEDIES,
  async check(given, signal) {
    const logger = createLogger(createLog("silent"));
    const { botToken, appToken, signingSecret, apiUrl } = given;
    await using clients = createClients({ botToken: botToken ?? "", apiUrl, logger });
    const found = await Promise.all([
      botToken === undefined ? [] : checkBotToken(clientFor(botToken, clients, signal)),
      appToken === undefined ? [] : checkAppToken(appToken, clients, signal),
    ]);
    const overHttp = appToken === undefined && signingSecret !== undefined;
    return [...found.flat(), ...(overHttp ? [explainRequestUrl(given)] : [])];
  },
};

/** A client whose requests end with `signal`; the SDK has no such option of its own. */
function clientFor(token: string, clients: Clients, signal: AbortSignal): WebClient {
  const options = clients.options();
  const send = options.fetch ?? globalThis.fetch;
  return new WebClient(token, {
    ...options,
    fetch: (url, init) => {
      const signals = init?.signal instanceof AbortSignal ? [init.signal, signal] : [signal];
      return send(url, { ...init, signal: AbortSignal.any(signals) });
    },
  });
}

const AuthTest = z.object({
  team: z.string().default("?"),
  user: z.string().default("?"),
  bot_id: z.string().optional(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

async function checkBotToken(client: WebClient): Promise<Finding[]> {
  try {
    const { team, user, bot_id, response_metadata } = AuthTest.parse(await client.auth.test());
    if (bot_id === undefined) {
      const said = "SLACK_BOT_TOKEN is a person's token, not the bot's.";
      return [fault("slack-bot-token-kind", said, REMEDIES.SLACK_BOT_TOKEN)];
    }
    const reached = ok(
      "slack-reached",
      `Slack knows the bot as @${user} in the workspace ${team}.`,
    );
    return [reached, ...missingScopes(response_metadata?.scopes)];
  } catch (error) {
    return [explainRefusal(error, "SLACK_BOT_TOKEN")];
  }
}

/** Without one of these it answers nobody, whatever else works. */
const ESSENTIAL: ReadonlySet<string> = new Set(["app_mentions:read", "chat:write"]);

const CONSEQUENCES: Readonly<Record<string, string>> = {
  "app_mentions:read": "it does not hear when somebody mentions it",
  "assistant:write": "it cannot show what it is doing",
  "channels:history": "it cannot read threads in public channels",
  "channels:read":
    "it does not know a public channel's name and topic, so patchbay.yml cannot name it",
  "chat:write": "it cannot answer",
  commands: "/patchbay does not exist",
  "files:read": "it cannot read the files that people attach",
  "files:write": "it cannot answer with files",
  "groups:history": "it cannot read threads in private channels",
  "groups:read":
    "it does not know a private channel's name and topic, so patchbay.yml cannot name it",
  "im:history": "it does not hear direct messages",
  "mpim:history": "it does not hear group direct messages",
  "reactions:write": "it cannot mark a message as seen",
  "users:read": "it knows people by their ids only, and nobody as a guest",
};

function missingScopes(granted: readonly string[] | undefined): Finding[] {
  // Slack lists the scopes in a header of every answer; one who leaves it out is no Slack to judge by.
  if (granted === undefined) return [];
  const missing = Object.keys(SCOPES).filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return [ok("slack-scopes", "The app has every scope of manifest.yml.")];
  const remedy = `${APP} OAuth & Permissions → Scopes → Bot Token Scopes → Add an OAuth Scope: ${missing.join(", ")}; then Reinstall to Workspace`;
  return missing.map((scope) => {
    const lost = CONSEQUENCES[scope] ?? `Slack will refuse ${SCOPES[scope]?.join(", ")}`;
    const find = ESSENTIAL.has(scope) ? fault : warn;
    return find("slack-scope-missing", `The app lacks the scope ${scope}: ${lost}.`, remedy);
  });
}

async function checkAppToken(
  token: string,
  clients: Clients,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    const { url } = await clientFor(token, clients, signal).apps.connections.open();
    if (url === undefined) throw new TypeError("Slack named no address to connect to.");
    return [explainGreeting(await awaitHello(url, clients.dispatcher, signal))];
  } catch (error) {
    return [explainRefusal(error, "SLACK_APP_TOKEN")];
  }
}

function explainGreeting(greeting: Greeting): Finding {
  switch (greeting.type) {
    case "hello": {
      const others = Math.max(0, (greeting.connections ?? 1) - 1);
      const beside =
        others === 0
          ? ""
          : ` ${others} more ${others === 1 ? "is" : "are"} open: a bot with these tokens is running.`;
      return ok("slack-socket", `Socket Mode works: a socket was opened and greeted.${beside}`);
    }
    case "disconnect":
      return greeting.reason === "link_disabled"
        ? fault(
            "slack-socket-mode-off",
            "Socket Mode is switched off for this app.",
            `${APP} Socket Mode → Enable Socket Mode`,
          )
        : fault(
            "slack-socket-refused",
            `Slack ended the socket before its hello: ${greeting.reason}.`,
            greeting.reason === "too_many_websockets"
              ? "At most 10 sockets may be open: stop other bots that use this SLACK_APP_TOKEN."
              : "Run doctor again in a minute.",
          );
    case "unreachable":
      return fault(
        "slack-socket-unreachable",
        `Slack gave an address for a socket, but none could be opened: ${greeting.reason}.`,
        "Let WebSocket connections (wss, port 443) to wss-primary.slack.com through firewall and proxy, or use SLACK_SIGNING_SECRET.",
      );
  }
}

type TokenVariable = "SLACK_BOT_TOKEN" | "SLACK_APP_TOKEN";

/** By Slack's error: how the code ends, and what it says about the token. */
const REFUSALS: Readonly<Record<string, readonly [ending: string, said: string]>> = {
  account_inactive: ["inactive", "belongs to an app or workspace that is no longer active"],
  invalid_auth: ["invalid", "is not known to Slack"],
  not_allowed_token_type: ["kind", "is a token of another kind"],
  not_authed: ["invalid", "is not known to Slack"],
  team_disabled: ["inactive", "belongs to a workspace that is no longer active"],
  token_expired: ["expired", "has expired: token rotation is on, which Patchbay does not use"],
  token_revoked: ["revoked", "was revoked: the app was uninstalled, or the token made anew"],
};

function explainRefusal(error: unknown, variable: TokenVariable): Finding {
  const translated = translate(error);
  if (translated.name === "RateLimited") {
    const said = `Slack asks for patience, so ${variable} was not looked at.`;
    return warn("slack-rate-limited", said, "Run doctor again in a minute.");
  }
  if (translated.name === "PlatformUnreachable") {
    const why = whyUnreached(error) ?? messageOf(translated);
    const said = `Slack cannot be reached, so ${variable} was not looked at: ${why}.`;
    return fault("slack-unreachable", said, REACH);
  }
  const { code } = translated;
  const token = variable === "SLACK_BOT_TOKEN" ? "slack-bot-token" : "slack-app-token";
  if (code === "missing_scope" && variable === "SLACK_APP_TOKEN") {
    const said = "SLACK_APP_TOKEN lacks the scope connections:write.";
    return fault("slack-connections-write-missing", said, REMEDIES.SLACK_APP_TOKEN);
  }
  const known = REFUSALS[code];
  if (known !== undefined) {
    const [ending, said] = known;
    return fault(`${token}-${ending}`, `${variable} ${said} (${code}).`, REMEDIES[variable]);
  }
  if (code.startsWith("http_"))
    return fault("slack-no-slack", `What answers is not Slack's Web API (${code}).`, REACH);
  return fault(`${token}-refused`, `Slack refuses ${variable}: ${code}.`, REMEDIES[variable]);
}

const REACH =
  "Let HTTPS to slack.com through firewall and proxy (HTTPS_PROXY, NODE_EXTRA_CA_CERTS), and remove SLACK_API_URL unless it is meant.";

function explainRequestUrl({ listensOn }: SlackGiven): Finding {
  return ok(
    "slack-over-http",
    `Slack comes over HTTP: every request must reach ${listensOn}/slack/events from the internet.`,
    `Slack's Request URL: ${APP} Socket Mode → off; then put https://<your public name>/slack/events into ` +
      "Event Subscriptions, Interactivity & Shortcuts and Slash Commands → /patchbay",
  );
}
