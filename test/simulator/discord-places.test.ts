import { expect, test } from "vitest";

import { createDiscordSimulator, type DiscordSimulator } from "../../simulator/discord/index.ts";
import { refused } from "../../simulator/faults.ts";

/** One request as a bot makes it. */
async function send(discord: DiscordSimulator, method: string, path: string, body?: object) {
  const response = await fetch(`${discord.apiUrl}/v10${path}`, {
    method,
    headers: { authorization: `Bot ${discord.token}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = response.status === 204 ? undefined : await response.json();
  return { status: response.status, answer };
}

test("a thread that was begun from a message opens with an entry that refers to it", async () => {
  await using discord = await createDiscordSimulator();
  const [ops, ana] = [discord.channel("ops"), discord.user("Ana")];
  const message = discord.say({ channel: ops, user: ana, text: "disk full" });
  const { id } = discord.openThread({ channel: ops, user: ana, name: "T", message });
  discord.say({ channel: id, user: ana, text: "again" });
  const list = `/channels/${id}/messages`;
  const opening = {
    type: 21,
    content: "",
    channel_id: id,
    message_reference: { type: 0, channel_id: ops, message_id: message.id },
  };
  expect((await send(discord, "GET", list)).answer).toMatchObject([
    { type: 0, content: "again" },
    { ...opening, referenced_message: { id: message.id, content: "disk full" } },
  ]);
  discord.remove(message);
  expect((await send(discord, "GET", `${list}?limit=2`)).answer).toMatchObject([
    { content: "again" },
    { ...opening, referenced_message: null },
  ]);
});

test("members, strangers, screening and topics are told as Discord tells them", async () => {
  await using discord = await createDiscordSimulator({
    seedWorld: {
      users: [
        { name: "Ana", pending: true },
        { name: "Eve", kind: "stranger" },
      ],
      channels: [{ name: "ops", topic: "Only incidents" }],
    },
  });
  const member = (name: string) =>
    send(discord, "GET", `/guilds/${discord.world.guild.id}/members/${discord.user(name)}`);
  expect(await member("Ana")).toMatchObject({ status: 200, answer: { pending: true } });
  expect(await member("Eve")).toMatchObject({ status: 404, answer: { code: 10007 } });
  expect(await send(discord, "GET", `/channels/${discord.channel("ops")}`)).toMatchObject({
    answer: { name: "ops", topic: "Only incidents" },
  });
});

test("commands are kept with what Discord adds to them, and flags may be summed", async () => {
  await using discord = await createDiscordSimulator();
  const path = `/applications/${discord.world.bot.id}/commands`;
  const command = { name: "ask", description: "Asks", contexts: [0, 1] };
  const added = { type: 1, nsfw: false, integration_types: [0], id: expect.any(String) };
  expect((await send(discord, "PUT", path, [command])).answer).toMatchObject([
    { ...command, ...added },
  ]);
  expect((await send(discord, "GET", path)).answer).toMatchObject([{ ...command, ...added }]);

  const wrong = await send(discord, "PUT", path, [{ ...command, contexts: [9] }]);
  expect(wrong).toMatchObject({ status: 400, answer: { code: 50035 } });
  const messages = `/channels/${discord.channel("ops")}/messages`;
  const silent = { content: "x", flags: 4 + 4096 };
  expect(await send(discord, "POST", messages, silent)).toMatchObject({ status: 200 });
});

test("links run out, and a route can be made unknown", async () => {
  await using discord = await createDiscordSimulator();
  const file = { name: "a.txt", type: "text/plain", content: "bytes" };
  const [channel, user] = [discord.channel("ops"), discord.user("Ana")];
  const { id } = discord.say({ channel, user, text: "", files: [file] });
  const urlOf = async (): Promise<string> => {
    const { answer } = await send(discord, "GET", `/channels/${channel}/messages/${id}`);
    return /"url":"([^"]+)"/.exec(JSON.stringify(answer))?.[1] ?? "";
  };
  const old = await urlOf();
  expect(await (await fetch(old)).text()).toBe("bytes");
  discord.faults.expireLinks();
  expect((await fetch(old)).status).toBe(404);
  expect((await fetch(await urlOf())).status).toBe(200);

  discord.faults.always("GET /users/@me", refused("404"));
  expect(await send(discord, "GET", "/users/@me")).toEqual({
    status: 404,
    answer: { code: 0, message: "404: Not Found" },
  });
});
