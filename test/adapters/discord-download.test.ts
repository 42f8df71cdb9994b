import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";

import { expect, test } from "vitest";

import { createDiscordPlatform } from "../../adapters/discord/index.ts";
import { PlatformUnreachable, RateLimited } from "../../src/errors.ts";
import type { Attachment } from "../../src/relay/message.ts";
import { log, openRoom, type Room } from "./discord-setup.ts";

const { signal } = new AbortController();

/** Ana attaches ten bytes in #ops. */
async function attach({ discord, ops, ana, next }: Room): Promise<Attachment> {
  const file = { name: "log.txt", type: "text/plain", content: "0123456789" };
  discord.say({ channel: ops, user: ana, text: "", files: [file] });
  const [attached] = (await next()).files;
  if (attached === undefined) throw new Error("No file arrived.");
  return attached;
}

/** A host of files that does what it is told, and a platform to which it belongs. */
async function openHost(listener: RequestListener) {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const platform = createDiscordPlatform({ token: "secret-token", apiUrl: `${url}/api`, log });
  return {
    port,
    platform,
    asked,
    file: { id: "1", name: "a.txt", type: "text/plain", url: `${url}/a.txt` },
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

test("a file arrives whole, up to the limit and not beyond", async () => {
  await using room = await openRoom();
  const file = await attach(room);
  const bytes = await room.platform.download(file, 10, signal);
  expect(Buffer.from(bytes).toString()).toBe("0123456789");
  const { size: _, ...unsized } = file;
  for (const big of [file, unsized]) {
    const taken = room.platform.download(big, 9, signal);
    await expect(taken).rejects.toMatchObject({ name: "PlatformRefused", code: "too_large" });
  }
});

test("a link that has run out is renewed through the message, as long as that is there", async () => {
  await using room = await openRoom();
  const file = await attach(room);
  room.discord.faults.expireLinks();
  const bytes = await room.platform.download(file, 100, signal);
  expect(Buffer.from(bytes).toString()).toBe("0123456789");

  const [said] = room.discord.messages(room.ops);
  if (said !== undefined) room.discord.remove(said);
  room.discord.faults.expireLinks();
  const gone = room.platform.download(file, 100, signal);
  await expect(gone).rejects.toMatchObject({ name: "PlatformRefused", code: "not_found" });
});

test.each([
  ["https://example.com/attachments/1/2/a.txt"],
  ["https://cdn.discordapp.com.example.com/attachments/1/2/a.txt"],
  ["https://cdn.discordapp.com@example.com/a.txt"],
  ["http://cdn.discordapp.com/attachments/1/2/a.txt"],
  ["https://media.discordapp.net:8443/a.txt"],
  ["file:///etc/passwd"],
  ["no address"],
])("nothing is asked of a host that is not Discord's: %s", async (url) => {
  await using platform = createDiscordPlatform({ token: "x", log });
  const file = { id: "1", name: "a.txt", type: "text/plain", url };
  const taken = platform.download(file, 100, signal);
  await expect(taken).rejects.toMatchObject({ name: "PlatformRefused", code: "foreign_host" });
});

test("redirects are followed on the platform's own hosts only, and the token is sent to none", async () => {
  await using host = await openHost((request, response) => {
    const elsewhere = `http://localhost:${host.port}/b.txt`;
    if (request.url === "/a.txt") response.writeHead(302, { location: "/b.txt" }).end();
    else if (request.url === "/b.txt") response.end("bytes");
    else response.writeHead(302, { location: elsewhere }).end();
  });
  const { platform, file, asked } = host;
  const bytes = await platform.download(file, 100, signal);
  expect(Buffer.from(bytes).toString()).toBe("bytes");
  const away = platform.download({ ...file, url: `${file.url}/away` }, 100, signal);
  await expect(away).rejects.toMatchObject({ code: "foreign_host" });
  expect(asked).toHaveLength(3);
  expect(JSON.stringify(asked)).not.toContain("secret-token");
});

test("an endless redirect, a body that says too little of its length, and failures are told apart", async () => {
  await using host = await openHost((request, response) => {
    switch (request.url) {
      case "/loop":
        return response.writeHead(307, { location: "/loop" }).end();
      case "/long":
        response.write("0123456789");
        return response.end("0123456789");
      case "/busy":
        return response.writeHead(429, { "retry-after": "2" }).end();
      case "/broken":
        return response.writeHead(502).end();
      default:
        return response.destroy();
    }
  });
  const take = async (path: string): Promise<unknown> => {
    const url = `http://127.0.0.1:${host.port}${path}`;
    return await host.platform.download({ ...host.file, url }, 15, signal).catch((error) => error);
  };
  expect(await take("/loop")).toMatchObject({ code: "not_found" });
  expect(await take("/long")).toMatchObject({ code: "too_large" });
  const busy = await take("/busy");
  expect(busy).toBeInstanceOf(RateLimited);
  expect(busy).toMatchObject({ retryAfter: 2000 });
  expect(await take("/broken")).toBeInstanceOf(PlatformUnreachable);
  expect(await take("/gone")).toBeInstanceOf(PlatformUnreachable);
});

test("a download ends when its signal does", async () => {
  const begun = Promise.withResolvers<void>();
  await using host = await openHost((_, response) => {
    response.write("some");
    begun.resolve();
  });
  const ending = new AbortController();
  const taken = host.platform.download(host.file, 100, ending.signal);
  await begun.promise;
  ending.abort();
  await expect(taken).rejects.toBeInstanceOf(PlatformUnreachable);
});
