import { Client, Events, PermissionFlagsBits, RequestMethod } from "discord.js";
import { z } from "zod";

import { type Finding, findingsIn } from "../../src/doctor/finding.ts";
import { whyUnreached } from "../../src/doctor/network.ts";
import type { DiscordGiven, PlatformCheck } from "../../src/doctor/platform-check.ts";
import { messageOf, PlatformRefused, PlatformUnreachable, RateLimited } from "../../src/errors.ts";
import { type Api, createApi } from "./api.ts";
import { INTENTS } from "./connection.ts";
import { isUnauthorised, translate } from "./errors.ts";
import { restOptions } from "./rest.ts";

const { ok, warn, fault } = findingsIn("discord");
const BOT = "discord.com/developers/applications → your application → Bot";

const REMEDIES = {
  DISCORD_TOKEN: `${BOT} → Reset Token → Copy; in .env: DISCORD_TOKEN=…`,
  DISCORD_API_URL:
    "In .env: remove DISCORD_API_URL; it is for another Discord than Discord's own and ends in /api",
} as const;

/** What the bot must be allowed to in a server: see, read, answer, open threads, attach. */
const PERMISSIONS =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.SendMessagesInThreads |
  PermissionFlagsBits.CreatePublicThreads |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.AddReactions;

/** Where a person opens to let the bot into a server. */
function inviteUrl(applicationId: string): string {
  return `https://discord.com/oauth2/authorize?client_id=${applicationId}&scope=bot+applications.commands&permissions=${PERMISSIONS}`;
}

/** Looks at Discord as the bot would meet it: the token, what is left of its logins, the gateway with its intents. */
export const discordCheck: PlatformCheck<DiscordGiven> = {
  howToBegin:
    "Discord\ndiscord.com/developers/applications → New Application → Bot → Reset Token; in .env: DISCORD_TOKEN=…\n" +
    "On the same page: Privileged Gateway Intents → Message Content Intent → on → Save Changes\n" +
    "Run doctor again: it shows the link that lets the bot into your server",
  remedies: REMEDIES,
  async check(given, signal) {
    using api = createApi({ ...given, onFatal: () => {} });
    try {
      const self = await get(api, "/users/@me", Self, signal);
      const reached = ok("discord-reached", `Discord knows the bot as ${self.username}.`);
      const gateway = await get(api, "/gateway/bot", Gateway, signal);
      return [reached, ...(await checkGateway(given, gateway, signal))];
    } catch (error) {
      return [explain(error, given)];
    }
  },
};

const Self = z.object({ username: z.string() });
const Gateway = z.object({
  shards: z.number(),
  session_start_limit: z.object({ remaining: z.number(), reset_after: z.number() }),
});

function get<T>(
  api: Api,
  route: `/${string}`,
  answer: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  return api.request({ method: RequestMethod.Get, route, signal }, answer);
}

/** A login beyond the last one resets the token, so some are left for the bot itself. */
const SPARED_LOGINS = 5;

async function checkGateway(
  given: DiscordGiven,
  { shards, session_start_limit: { remaining, reset_after } }: z.infer<typeof Gateway>,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (remaining <= SPARED_LOGINS) {
    const hours = Math.ceil(reset_after / 3_600_000);
    return [
      fault(
        "discord-logins-used-up",
        `Only ${remaining} gateway logins are left for ${hours} h; the gateway was not tried, so as not to use one.`,
        "Find out why the bot starts again and again, stop it, and wait; with none left Discord resets the token.",
      ),
    ];
  }
  const outcome = await openGateway(given, shards, signal);
  switch (outcome.type) {
    case "ready":
      return explainReady(outcome, remaining);
    case "closed":
      return [explainClose(outcome.code)];
    case "failed":
      return [explain(outcome.error, given)];
    case "late": {
      const said = "Discord's gateway could not be opened in time.";
      return [fault("discord-gateway-unreachable", said, REACH)];
    }
  }
}

const Ready = z.object({
  t: z.literal("READY"),
  d: z.object({ application: z.object({ id: z.string() }), guilds: z.array(z.unknown()) }),
});

type Outcome =
  | { readonly type: "ready"; readonly servers: number; readonly application: string }
  | { readonly type: "closed"; readonly code: number }
  | { readonly type: "failed"; readonly error: unknown }
  | { readonly type: "late" };

/** Logs in beside a bot that may run; without handlers, so that nobody is answered twice. */
async function openGateway(
  { token, apiUrl }: DiscordGiven,
  shards: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const client = new Client({
    intents: INTENTS,
    shards: [0],
    shardCount: shards,
    rest: restOptions(apiUrl),
  });
  const ended = Promise.withResolvers<Outcome>();
  client.on(Events.Raw, (packet: unknown) => {
    const { data } = Ready.safeParse(packet);
    if (data === undefined) return;
    const { application, guilds } = data.d;
    ended.resolve({ type: "ready", servers: guilds.length, application: application.id });
  });
  client.on(Events.ShardDisconnect, ({ code }) => ended.resolve({ type: "closed", code }));
  // It tries again by itself; the time given is the bound.
  client.on(Events.ShardError, () => {});
  client.on(Events.Error, () => {});
  const giveUp = (): void => ended.resolve({ type: "late" });
  signal.addEventListener("abort", giveUp);
  client.login(token).catch((error: unknown) => ended.resolve({ type: "failed", error }));
  try {
    return await ended.promise;
  } finally {
    signal.removeEventListener("abort", giveUp);
    await client.destroy();
  }
}

function explainReady(
  { servers, application }: Extract<Outcome, { type: "ready" }>,
  remaining: number,
): Finding[] {
  const gateway = ok(
    "discord-gateway",
    `The gateway lets it in, with message content; ${remaining} logins are left today.`,
  );
  if (servers > 0)
    return [
      gateway,
      ok("discord-servers", `It is in ${servers} server${servers === 1 ? "" : "s"}.`),
    ];
  const said = "It is in no server, so only people who share none with it could write to it.";
  return [
    gateway,
    warn("discord-no-server", said, `Open this and choose your server: ${inviteUrl(application)}`),
  ];
}

const AUTHENTICATION_FAILED = 4004;
const DISALLOWED_INTENTS = 4014;

function explainClose(code: number): Finding {
  if (code === AUTHENTICATION_FAILED)
    return fault(
      "discord-token-invalid",
      "The gateway does not take DISCORD_TOKEN (4004).",
      REMEDIES.DISCORD_TOKEN,
    );
  if (code === DISALLOWED_INTENTS)
    return fault(
      "discord-message-content-off",
      "The application may not read messages (4014).",
      `${BOT} → Privileged Gateway Intents → Message Content Intent → on → Save Changes`,
    );
  return fault(
    "discord-gateway-closed",
    `Discord closed the gateway for good (${code}).`,
    "discord.com/developers/docs → Opcodes and Status Codes → Gateway Close Event Codes says why.",
  );
}

/** What else people take for the token, by how it looks. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\d{15,20}$/, "is an application or user id"],
  [/^[0-9a-f]{64}$/, "is the application's public key"],
  [/^[\w-]{32}$/, "looks like the client secret"],
  [/^Bot\s/i, "begins with the word Bot, which does not belong to it"],
  [/^["']/, "has quotes around it"],
];

function explain(error: unknown, { token }: DiscordGiven): Finding {
  const translated = isTranslated(error) ? error : translate(error);
  if (isUnauthorised(translated) || isTokenInvalid(error)) {
    const kind = KINDS.find(([looks]) => looks.test(token))?.[1];
    return kind === undefined
      ? fault(
          "discord-token-invalid",
          "Discord does not take DISCORD_TOKEN.",
          REMEDIES.DISCORD_TOKEN,
        )
      : fault(
          "discord-token-kind",
          `DISCORD_TOKEN is no bot token: it ${kind}.`,
          REMEDIES.DISCORD_TOKEN,
        );
  }
  if (translated.name === "RateLimited")
    return warn(
      "discord-rate-limited",
      "Discord asks for patience, so DISCORD_TOKEN was not looked at.",
      "Run doctor again in a minute.",
    );
  if (translated.name === "PlatformRefused")
    return fault("discord-refused", messageOf(translated), REACH);
  const why = whyUnreached(translated) ?? messageOf(translated);
  return fault("discord-unreachable", `Discord cannot be reached: ${why}.`, REACH);
}

function isTranslated(
  error: unknown,
): error is PlatformRefused | PlatformUnreachable | RateLimited {
  return [PlatformRefused, PlatformUnreachable, RateLimited].some((kind) => error instanceof kind);
}

/** discord.js's own word for a 401 of its login, and for a token that it does not even send. */
function isTokenInvalid(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "TokenInvalid";
}

const REACH =
  "Let HTTPS and WebSockets to discord.com and gateway.discord.gg through the firewall, and remove DISCORD_API_URL unless it is meant.";
