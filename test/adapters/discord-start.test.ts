import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import { ConfigurationFault, PlatformUnreachable } from "../../src/errors.ts";
import { createDiscordSimulator } from "../../simulator/discord/index.ts";
import { refused, serverError } from "../../simulator/faults.ts";
import { ask, handsOf, log, openRoom } from "./discord-setup.ts";

const POST = "POST /channels/:id/messages";

test("a wrong token is a fault that names the variable and the way out", async () => {
  await using discord = await createDiscordSimulator();
  await using platform = createDiscordPlatform({ token: "wrong", apiUrl: discord.apiUrl, log });
  const start = platform.start(handsOf());
  await expect(start).rejects.toBeInstanceOf(ConfigurationFault);
  await expect(start).rejects.toThrow(/DISCORD_TOKEN: .*Reset Token/);
});

test("a missing intent is a fault that names the switch", async () => {
  await using discord = await createDiscordSimulator({ messageContent: false });
  await using platform = createDiscordPlatform({
    token: discord.token,
    apiUrl: discord.apiUrl,
    log,
  });
  await expect(platform.start(handsOf())).rejects.toThrow(/switch Message Content Intent on/);
});

test("Discord out of order at the start is no fault of the set-up", async () => {
  await using discord = await createDiscordSimulator();
  discord.faults.next("GET /gateway/bot", serverError(502));
  await using platform = createDiscordPlatform({
    token: discord.token,
    apiUrl: discord.apiUrl,
    log,
  });
  await expect(platform.start(handsOf())).rejects.toBeInstanceOf(PlatformUnreachable);
});

test("a token that was reset ends it once, however often Discord says so", async () => {
  await using room = await openRoom();
  const { discord, platform } = room;
  const { place } = await ask(room);
  discord.faults.next(POST, refused("0"));
  const part = { text: "x", nonce: "n1" };
  await expect(platform.post(place, part)).rejects.toMatchObject({ code: "http_401" });
  await expect(platform.post(place, part)).rejects.toMatchObject({ code: "http_401" });
  expect(room.fatal.map(({ message }) => message)).toEqual([
    expect.stringContaining("DISCORD_TOKEN"),
  ]);
});

test("a gateway that closes for good while running is fatal", async () => {
  await using room = await openRoom();
  expect(room.platform.ready).toBe(true);
  room.discord.faults.dropSockets(4004);
  expect(await room.ended).toBeInstanceOf(ConfigurationFault);
  expect(room.platform.ready).toBe(false);
});
