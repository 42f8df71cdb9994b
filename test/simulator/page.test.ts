import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { fault, openPlayground, OPS, url, type Visit } from "./playground.ts";

let page: Visit;

beforeEach(async () => {
  page = await openPlayground();
});

afterEach(async () => {
  await page[Symbol.asyncDispose]();
});

describe("what the page is given", () => {
  test("the page and its files come with a policy that lets no foreign script in", async () => {
    const front = await page.get("/");
    const html = await front.text();
    expect(front.headers.get("content-security-policy")).toContain(
      "default-src 'none'; script-src 'self'",
    );
    expect(front.headers.get("cache-control")).toBe("no-cache");
    expect(html).not.toMatch(/<script(?![^>]*src=)| on\w+=| style=|https?:\/\//);
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
      ([, path]) => path ?? "",
    );
    const modules = await Promise.all(files.map(async (path) => (await page.get(path)).text()));
    const imports = modules.flatMap((text) => [...text.matchAll(/from "\.\/([^"]+)"/g)]);
    for (const path of [...files, ...imports.map(([, name]) => `/assets/${name ?? ""}`)])
      expect([path, (await page.get(path)).status]).toEqual([path, 200]);
    expect((await page.get("/assets/../index.ts")).status).toBe(404);
    expect((await page.get("/assets/constructor")).status).toBe(404);
  });

  test("the state names the rooms of both platforms and who can write there", async () => {
    const { rooms, people, model } = await page.state();
    expect(people).toEqual(["Ana", "Lee", "Sam"]);
    expect(model.name).toBe("demo");
    expect(rooms.find(({ id }) => id === OPS)).toMatchObject({
      name: "ops",
      people: ["Ana", "Lee", "Sam"],
    });
    for (const platform of ["slack", "discord"])
      expect(
        rooms
          .filter(({ id, kind }) => id.startsWith(platform) && kind === "dm")
          .map((room) => room.people),
      ).toEqual([["Ana"], ["Lee"], ["Sam"]]);
  });
});

describe("what people say on the page", () => {
  test("arrives in Slack as Slack's own composer would send it", async () => {
    const root = await page.say({
      room: OPS,
      person: "Ana",
      text: "@patchbay is a < b && `@Lee`? ask @Lee",
    });
    expect(page.slack.message("C0OPS", root)).toMatchObject({
      user: "U0ANA",
      text: "<@U0BOT> is a &lt; b &amp;&amp; `@Lee`? ask <@U0LEE>",
    });
    const reply = await page.say({ room: OPS, person: "Lee", text: "me?", thread: root });
    expect(page.slack.message("C0OPS", reply)).toMatchObject({ user: "U0LEE", thread_ts: root });

    const [first, second] = (await page.state()).messages;
    expect(first?.html).toBe(
      '<p><span class="mention">@Patchbay</span> is a &lt; b &amp;&amp; <code>@Lee</code>? ask <span class="mention">@Lee</span></p>',
    );
    expect(first?.source).toBe("@Patchbay is a < b && `@Lee`? ask @Lee");
    expect(second).toMatchObject({ author: "Lee", thread: root });
  });

  test("arrives in Discord as a mention, and a reply quotes what it replies to", async () => {
    const room = `discord:${page.discord.channel("general")}`;
    const first = await page.say({ room, person: "Sam", text: "@Patchbay hello" });
    expect(page.discord.message(page.discord.channel("general"), first)).toMatchObject({
      user: page.discord.user("Sam"),
      content: `<@${page.discord.world.bot.id}> hello`,
    });
    await page.say({ room, person: "Ana", text: "hello Sam", replyTo: first });
    expect((await page.state()).messages.at(-1)).toMatchObject({
      author: "Ana",
      replyTo: { author: "Sam", excerpt: "@Patchbay hello" },
    });
  });

  test("can be changed and taken back by whoever said it, and by nobody else", async () => {
    const message = await page.say({ room: OPS, person: "Ana", text: "one" });
    expect(await fault(page.post("edit", { message, person: "Lee", text: "two" }))).toEqual([
      403,
      "Lee can only change messages of their own.",
    ]);
    expect((await page.post("edit", { message, person: "Ana", text: "two" })).status).toBe(200);
    expect((await page.state()).messages).toMatchObject([{ source: "two", edits: 1 }]);
    expect((await page.post("remove", { message, person: "Ana" })).status).toBe(200);
    expect((await page.state()).messages).toEqual([]);
  });

  test("carries files, of which only pictures are shown by the browser itself", async () => {
    const content = Buffer.from("<script>alert(1)</script>").toString("base64");
    const files = [
      { name: "page.html", type: "text/html", content },
      { name: "a.png", type: "image/png", content },
    ];
    const message = await page.say({ room: OPS, person: "Ana", text: "", files });
    expect(page.slack.message("C0OPS", message)?.files.map(({ name }) => name)).toEqual([
      "page.html",
      "a.png",
    ]);
    const [html, picture] = (await page.state()).messages[0]?.files ?? [];
    expect(html).toMatchObject({ name: "page.html", size: 25, image: false });
    const download = await page.get(html?.url ?? "");
    expect(download.headers.get("content-type")).toBe("application/octet-stream");
    expect(download.headers.get("content-disposition")).toContain("attachment");
    expect(await download.text()).toBe("<script>alert(1)</script>");
    expect((await page.get(picture?.url ?? "")).headers.get("content-type")).toBe("image/png");
  });

  test.each([
    [{ room: OPS, person: "Ana", text: "  " }, 400, /write something/],
    [
      { room: "slack:C0NONE", person: "Ana", text: "x" },
      404,
      /no room "slack:C0NONE".*slack:C0OPS/,
    ],
    [
      { room: OPS, person: "Eve", text: "x" },
      400,
      /"Eve" cannot write in this room.*Ana, Lee, Sam/,
    ],
    [{ room: OPS, person: "Ana", text: "x", thread: "1.2" }, 404, /thread's first message/],
    [{ room: OPS, person: "Ana", text: 5 }, 400, /^text: /],
    [{ room: "slack:D0ANA", person: "Lee", text: "x" }, 400, /"Lee" cannot write/],
    ["nothing", 400, /expected object/],
  ])("%j is answered by a clear error", async (body, status, message) => {
    expect(await fault(page.post("say", body))).toEqual([status, expect.stringMatching(message)]);
    expect((await page.state()).messages).toEqual([]);
  });

  test("is refused where the platform would refuse it", async () => {
    const room = `discord:${page.discord.channel("general")}`;
    expect(await fault(page.post("say", { room, person: "Ana", text: "x".repeat(2_001) }))).toEqual(
      [413, "Discord takes at most 2000 characters; this is 2001."],
    );
  });
});

describe("requests from elsewhere", () => {
  const foreign: [Record<string, string>, string][] = [
    [{ host: "attacker.example" }, "a name that was made to point here"],
    [{ origin: "https://attacker.example" }, "another site"],
    [{ origin: "http://127.0.0.1:4000" }, "another port of this machine"],
    [{ origin: "null" }, "a sandboxed frame"],
    [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, "a script of another site"],
  ];
  test.each(foreign)("%j is refused: %s", async (headers) => {
    for (const path of ["/playground/state", "/playground/events", "/"])
      expect((await fault(page.get(path, headers)))[0]).toBe(403);
    const body = { room: OPS, person: "Ana", text: "x" };
    expect((await fault(page.post("say", body, headers)))[0]).toBe(403);
    expect(page.slack.messages("C0OPS")).toEqual([]);
  });

  test("the page's own requests, and a link from elsewhere to the page, are not", async () => {
    const origin = "http://localhost:3000";
    expect((await page.get("/playground/state", { host: "localhost:3000", origin })).status).toBe(
      200,
    );
    const visit = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await page.get("/", visit)).status).toBe(200);
    expect((await page.get("/", { host: "[::1]:3000" })).status).toBe(200);
  });

  test("only JSON is taken, which no foreign form can send", async () => {
    const form = new Request(url("/playground/say"), { method: "POST", body: "{}" });
    expect((await fault(page.playground.fetch(form)))[0]).toBe(415);
  });
});
