import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { WebClient } from "@slack/web-api";
import { fetch, Headers, Response } from "undici";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../adapters/slack/clients.ts";
import { createDownload } from "../../adapters/slack/downloads.ts";
import type { Attachment } from "../../src/relay/message.ts";
import { hear, type SlackSetup, startSlack } from "./slack-setup.ts";

const LOG = { name: "trace.log", mimetype: "text/plain", content: "one\ntwo\n" };
const SIGNAL = new AbortController().signal;

async function attach(
  setup: SlackSetup,
  file: Parameters<SlackSetup["slack"]["say"]>[0]["files"],
): Promise<Attachment> {
  const message = await hear(setup, {
    channel: "C0OPS",
    user: "U0ANA",
    text: "<@U0BOT>",
    files: file ?? [],
  });
  const [attachment] = message.files;
  if (attachment === undefined) throw new Error("The file did not arrive.");
  return attachment;
}

const coded = (code: string) => expect.objectContaining({ name: "PlatformRefused", code });

describe("a file", () => {
  test("is downloaded with the bot's token, up to its limit", async () => {
    await using setup = await startSlack();
    const { platform } = setup;
    const file = await attach(setup, [LOG]);
    expect(file).toMatchObject({ name: "trace.log", type: "text/plain", size: 8 });
    expect(Buffer.from(await platform.download(file, 8, SIGNAL)).toString()).toBe("one\ntwo\n");
    await expect(platform.download(file, 7, SIGNAL)).rejects.toEqual(coded("too_large"));
    const { size: _untold, ...unsized } = file;
    await expect(platform.download(unsized, 7, SIGNAL)).rejects.toEqual(coded("too_large"));
  });

  test("that Slack shows by its id alone is asked for, with the message or with the download", async () => {
    await using setup = await startSlack();
    const { slack, platform } = setup;
    const named = await attach(setup, [{ ...LOG, byIdOnly: true }]);
    expect(named).toMatchObject({ name: "trace.log", type: "text/plain", size: 8 });
    const unnamed = { id: named.id, name: named.id, type: "x/y", url: `slack-file:${named.id}` };
    expect(Buffer.from(await platform.download(unnamed, 8, SIGNAL)).toString()).toBe("one\ntwo\n");
    await expect(platform.download(unnamed, 7, SIGNAL)).rejects.toEqual(coded("too_large"));
    slack.world.files.clear();
    await expect(platform.download(unnamed, 8, SIGNAL)).rejects.toEqual(coded("not_found"));
    await expect(platform.download(named, 8, SIGNAL)).rejects.toEqual(coded("not_found"));
    slack.world.scopes.delete("files:read");
    await expect(platform.download(unnamed, 8, SIGNAL)).rejects.toEqual(coded("login_page"));
  });

  test("in whose place Slack gives its login page is refused as that, and a page that somebody attached is not", async () => {
    await using setup = await startSlack();
    const { slack, platform } = setup;
    const page = await attach(setup, [{ name: "a.html", mimetype: "text/html", content: "<p>" }]);
    expect(Buffer.from(await platform.download(page, 99, SIGNAL)).toString()).toBe("<p>");
    const file = await attach(setup, [LOG]);
    slack.world.scopes.delete("files:read");
    await expect(platform.download(file, 99, SIGNAL)).rejects.toEqual(coded("login_page"));
  });
});

describe("the token goes to Slack's own hosts only", () => {
  test.each([
    "https://evil.example/a.txt",
    "http://files.slack.com/a.txt",
    "https://files.slack.com.evil.example/a.txt",
    "https://evilslack.com/a.txt",
    "https://files.slack.com:8443/a.txt",
    "https://slack-files.com/a.txt",
    "file:///etc/passwd",
    "no address",
  ])("not to %s", async (url) => {
    const seen: string[] = [];
    const download = downloadFrom("http://127.0.0.1:1/api/", async (asked) => {
      seen.push(asked);
      throw new Error("nobody may be asked");
    });
    const file = { id: "F1", name: "a.txt", type: "text/plain", url };
    await expect(download(file, 99, SIGNAL)).rejects.toEqual(coded("foreign_host"));
    expect(seen).toEqual([]);
  });

  test.each(["https://files.slack.com/a.txt", "https://team.enterprise.slack-gov.com/a.txt"])(
    "but to %s",
    async (url) => {
      const download = downloadFrom(undefined, async (_url, init) => {
        return new Response(new Headers(init?.headers).get("authorization"));
      });
      const file = { id: "F1", name: "a.txt", type: "text/plain", url };
      const content = Buffer.from(await download(file, 99, SIGNAL)).toString();
      expect(content).toBe("Bearer xoxb-secret");
    },
  );

  test("nor along with a redirect; within Slack redirects are followed, and one to the login is known", async () => {
    const seen: string[] = [];
    await using elsewhere = await listen(({ url = "" }, response) => {
      seen.push(url);
      response.end("stolen");
    });
    await using own = await listen(({ url = "", headers }, response) => {
      const answer = ANSWERS[url];
      if (answer !== undefined) response.writeHead(...answer).end();
      else if (url === "/away") response.writeHead(302, { location: elsewhere.url }).end();
      else response.end(headers.authorization);
    });
    const download = async (path: string): Promise<string> => {
      const file = { id: "F1", name: "a.txt", type: "text/plain", url: own.url + path };
      const content = await downloadFrom(`${own.url}/api/`, fetch)(file, 99, SIGNAL);
      return Buffer.from(content).toString();
    };
    expect(await download("/moved")).toBe("Bearer xoxb-secret");
    await expect(download("/away")).rejects.toEqual(coded("foreign_host"));
    expect(seen).toEqual([]);
    await expect(download("/login")).rejects.toEqual(coded("login_page"));
    await expect(download("/forbidden")).rejects.toEqual(coded("login_page"));
    await expect(download("/round")).rejects.toEqual(coded("not_found"));
    await expect(download("/gone")).rejects.toEqual(coded("not_found"));
    await expect(download("/limited")).rejects.toMatchObject({ retryAfter: 7000 });
    await expect(download("/broken")).rejects.toMatchObject({ name: "PlatformUnreachable" });
  });

  test("and bytes are counted where no length was announced", async () => {
    await using own = await listen((_request, response) => {
      response.write("x".repeat(60));
      response.end("x".repeat(60));
    });
    const file = { id: "F1", name: "a.txt", type: "text/plain", url: own.url };
    const download = downloadFrom(`${own.url}/api/`, fetch);
    expect(await download(file, 120, SIGNAL)).toHaveLength(120);
    await expect(download(file, 119, SIGNAL)).rejects.toEqual(coded("too_large"));
  });

  test("and a download that is aborted ends", async () => {
    const asked = Promise.withResolvers<void>();
    await using own = await listen(() => asked.resolve());
    const stop = new AbortController();
    const file = { id: "F1", name: "a.txt", type: "text/plain", url: `${own.url}/a.txt` };
    const download = downloadFrom(`${own.url}/api/`, fetch)(file, 99, stop.signal);
    await Promise.all([
      expect(download).rejects.toMatchObject({ name: "PlatformUnreachable" }),
      asked.promise.then(() => stop.abort()),
    ]);
  });
});

const ANSWERS: Readonly<Record<string, [number, Record<string, string>]>> = {
  "/login": [302, { location: "/?redir=%2Ffiles-pri%2Fa.txt" }],
  "/forbidden": [403, {}],
  "/round": [302, { location: "/round" }],
  "/moved": [302, { location: "/a.txt" }],
  "/gone": [410, {}],
  "/limited": [429, { "retry-after": "7" }],
  "/broken": [503, {}],
};

function downloadFrom(apiUrl: string | undefined, send: Fetch) {
  const client = new WebClient("xoxb-secret");
  return createDownload({ client, fetch: send, botToken: "xoxb-secret", apiUrl });
}

async function listen(
  answer: RequestListener,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
