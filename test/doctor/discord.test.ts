import { expect, test } from "vitest";

import { createDiscordSimulator, type DiscordSimulator } from "../../simulator/discord/index.ts";
import { rateLimited, serverError } from "../../simulator/faults.ts";
import { findClosedAddress } from "../tools/answering-server.ts";
import { look } from "./look.ts";
import { createDiscordDouble } from "./platform-doubles.ts";

const DEMO = { OPENAI_MODEL: "demo" };

function envOf(discord: DiscordSimulator): Record<string, string> {
  return { ...DEMO, DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl };
}

test("a Discord in order is reached over REST and the gateway, and the gateway is left again", async () => {
  await using discord = await createDiscordSimulator();
  const seen = await look(envOf(discord));
  expect(seen).toMatchObject({ exitCode: 0, ok: true, troubles: [] });
  expect(seen.finding("discord-gateway").message).toContain("999 logins are left");
  expect(seen.finding("discord-servers").message).toBe("It is in 1 server.");
  await discord.waitFor(() => discord.sockets === 0);
});

test("a token that Discord does not take is told with the button for a new one", async () => {
  await using discord = await createDiscordSimulator();
  const seen = await look({ ...envOf(discord), DISCORD_TOKEN: "MTIz.abc.def" });
  expect(seen).toMatchObject({ exitCode: 1, troubles: ["fault discord-token-invalid"] });
  expect(seen.finding("discord-token-invalid").remedy).toContain("Bot → Reset Token");
});

test.for([
  ["80351110224678912", "application or user id"],
  ["0123456789abcdef".repeat(4), "public key"],
  ["abcdefghijklmnopqrstuvwxyz-_0123", "client secret"],
  ['"MTIz.abc.def"', "quotes"],
] as const)("what is no bot token at all is recognised: %s", async ([token, kind]) => {
  await using discord = await createDiscordSimulator();
  const seen = await look({ ...envOf(discord), DISCORD_TOKEN: token });
  expect(seen.troubles).toEqual(["fault discord-token-kind"]);
  expect(seen.finding("discord-token-kind").message).toContain(kind);
});

test("a missing Message Content Intent is told with its switch", async () => {
  await using discord = await createDiscordSimulator({ messageContent: false });
  const seen = await look(envOf(discord));
  expect(seen.troubles).toEqual(["fault discord-message-content-off"]);
  expect(seen.finding("discord-message-content-off").remedy).toContain(
    "Message Content Intent → on",
  );
});

test("a bot in no server gets the link that lets it in", async () => {
  await using discord = await createDiscordDouble(1000);
  const seen = await look({
    ...DEMO,
    DISCORD_TOKEN: "t",
    DISCORD_API_URL: `http://${discord.host}/api`,
  });
  expect(seen.troubles).toEqual(["warn discord-no-server"]);
  const link = seen.finding("discord-no-server").remedy.split(" ").at(-1) ?? "";
  const { origin, pathname, searchParams } = new URL(link);
  expect(origin + pathname).toBe("https://discord.com/oauth2/authorize");
  expect(Object.fromEntries(searchParams)).toEqual({
    client_id: "424242424242424242",
    scope: "bot applications.commands",
    // View, add reactions, send, embed, attach, read history, public threads, send in threads.
    permissions: String(
      [10n, 6n, 11n, 14n, 15n, 16n, 35n, 38n].reduce((sum, bit) => sum + (1n << bit), 0n),
    ),
  });
});

test("with hardly a login left, none is used up", async () => {
  await using discord = await createDiscordDouble(2);
  const env = { ...DEMO, DISCORD_TOKEN: "t", DISCORD_API_URL: `http://${discord.host}/api` };
  const seen = await look(env);
  expect(seen.troubles).toEqual(["fault discord-logins-used-up"]);
  expect(seen.finding("discord-logins-used-up").message).toContain("Only 2");
});

test("a Discord out of reach or out of order is told apart from a wrong token", async () => {
  await using discord = await createDiscordSimulator();
  const closed = await look({
    ...envOf(discord),
    DISCORD_API_URL: `${await findClosedAddress()}/api`,
  });
  expect(closed.troubles).toEqual(["fault discord-unreachable"]);
  expect(closed.finding("discord-unreachable").message).toContain("connection refused");
  discord.faults.next("GET /users/@me", serverError(502));
  expect((await look(envOf(discord))).troubles).toEqual(["fault discord-unreachable"]);
  discord.faults.next("GET /users/@me", rateLimited(60));
  expect((await look(envOf(discord))).troubles).toEqual(["warn discord-rate-limited"]);
});

test("Discord configured by half says which variable is missing", async () => {
  await using discord = await createDiscordSimulator();
  const seen = await look({ ...DEMO, DISCORD_API_URL: discord.apiUrl });
  expect(seen.troubles).toEqual(["fault discord-token-missing"]);
  expect(seen.finding("discord-token-missing").remedy).toContain("DISCORD_TOKEN=…");
});
