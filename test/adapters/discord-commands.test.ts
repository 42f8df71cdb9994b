import { MessageFlags } from "discord.js";
import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import type { Command } from "../../src/relay/message.ts";
import { createDiscordSimulator, type DiscordSimulator } from "../../simulator/discord/index.ts";
import { refused, serverError, slow } from "../../simulator/faults.ts";
import { handsOf, log, openRoom, type Room } from "./discord-setup.ts";

const GET = "GET /applications/:id/commands";
const PUT = "PUT /applications/:id/commands";
const ANSWER = "POST /interactions/:id/:token/callback";

const count = ({ calls }: DiscordSimulator, operation: string): number =>
  calls.filter((call) => call.operation === operation).length;

/** Ana's `/patchbay`, once it is answered. */
async function command(room: Room, channel: string, options?: Record<string, string>) {
  const { discord, ana: user } = room;
  const given = { channel, user, name: "patchbay", ...(options !== undefined && { options }) };
  const { token } = discord.slash(given);
  return await discord.waitFor(() => {
    const now = discord.interaction(token);
    return now?.state === "answered" ? discord.message(channel, now.original ?? "") : undefined;
  });
}

test("/patchbay is registered at the first start, left alone at the next, and renewed when it differs", async () => {
  await using discord = await createDiscordSimulator({ limits: "off" });
  const start = async (gets: number, puts: number): Promise<void> => {
    await using platform = createDiscordPlatform({ ...discord, log });
    await platform.start(handsOf());
    await discord.waitFor(() => count(discord, GET) === gets && count(discord, PUT) === puts);
  };
  await start(1, 1);
  const [registered] = discord.world.commands.get("") ?? [];
  expect(registered).toMatchObject({ name: "patchbay", contexts: [0, 1], integration_types: [0] });
  await start(2, 1);
  discord.world.commands.set("", registered ? [{ ...registered, description: "Old" }] : []);
  await start(3, 2);
  expect(discord.world.commands.get("")).toMatchObject([{ description: registered?.description }]);
});

test.each([
  ["does not know the route", refused("404")],
  ["is out of order", serverError(500)],
  ["takes its time", slow(20_000)],
])("the start neither waits for the commands nor fails where Discord %s", async (_, fault) => {
  await using discord = await createDiscordSimulator({ limits: "off" });
  for (const operation of [GET, PUT]) discord.faults.always(operation, fault);
  await using platform = createDiscordPlatform({ ...discord, log });
  await platform.start(handsOf());
  expect(platform.ready).toBe(true);
});

test("a command is answered at once, to whoever gave it alone, and safely", async () => {
  const heard: Command[] = [];
  await using room = await openRoom(
    {},
    {
      command: async (given) => {
        heard.push(given);
        return `#### Hi <@1>\n[bank.com](https://evil.com) ${"x".repeat(3000)}`;
      },
    },
  );
  const { discord, ops, ana } = room;
  const answer = await command(room, ops, { command: " status " });
  expect(answer).toMatchObject({ onlyFor: ana, pings: [] });
  expect(answer.content).toMatch(
    /^\*\*Hi <@\u200b1>\*\*\n`bank.com` \(<https:\/\/evil.com>\) x+…$/,
  );
  const [{ body } = { body: undefined }] = discord.calls.filter(
    ({ operation }) => operation === ANSWER,
  );
  expect(body).toMatchObject({
    data: {
      flags: MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds,
      allowed_mentions: { parse: [] },
    },
  });

  const { id: thread } = discord.openThread({ channel: ops, user: ana, name: "T" });
  const { id: dm } = discord.world.openDm(ana);
  await command(room, thread, {});
  await command(room, dm);
  const guild = discord.world.guild.id;
  const who = { author: { id: ana, name: "Ana" }, standing: "member" };
  expect(heard).toEqual([
    {
      ...who,
      conversation: { platform: "discord", workspace: guild, channel: ops },
      where: { name: "ops" },
      text: "status",
    },
    {
      ...who,
      conversation: { platform: "discord", workspace: guild, channel: thread, root: thread },
      where: { name: "T", parent: { id: ops, name: "ops" } },
      text: "",
    },
    {
      ...who,
      conversation: { platform: "discord", workspace: "dm", channel: dm },
      where: {},
      text: "",
    },
  ]);
});

test("an answer that is long in coming is announced in time, and follows", async () => {
  const decided = Promise.withResolvers<string>();
  await using room = await openRoom({}, { command: () => decided.promise });
  const { discord, ops, ana } = room;
  const { token } = discord.slash({ channel: ops, user: ana, name: "patchbay" });
  await discord.waitFor(() => discord.interaction(token)?.state === "deferred");
  decided.resolve("Here it is.");
  await discord.waitFor(() => discord.interaction(token)?.state === "answered");
  expect(discord.messages(ops)).toMatchObject([{ content: "Here it is.", onlyFor: ana }]);
});

test("a command that fails, comes too late or has another name does no harm", async () => {
  await using room = await openRoom(
    {},
    {
      command: async ({ text }) => {
        if (text === "new") throw new Error("broken");
        return "fine";
      },
    },
  );
  const { discord, ops, ana } = room;
  expect((await command(room, ops, { command: "new" })).content).toMatch(/did not work/);
  discord.slash({ channel: ops, user: ana, name: "other" });
  discord.faults.next(ANSWER, refused("10062"));
  discord.slash({ channel: ops, user: ana, name: "patchbay" });
  await discord.waitFor(() => count(discord, ANSWER) === 2);
  expect((await command(room, ops)).content).toBe("fine");
  expect(count(discord, ANSWER)).toBe(3);
});
