import { expect, test } from "vitest";
import { refused } from "../../simulator/faults.ts";
import { placeOf, startSlack } from "./slack-setup.ts";

const ALERTS = { id: "U0ALERT", name: "alerts", is_bot: true, bot_id: "B0ALERT" };

test("what was said in a thread comes oldest first, with names, files and the bot's own words, up to the question", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  slack.world.addUser(ALERTS);
  const channel = "C0OPS";
  const root = slack.say({ channel, user: "U0ANA", text: "is *prod* &lt;down&gt;, <@U0LEE>?" });
  const thread_ts = root.ts;
  const file = { name: "trace.log", mimetype: "text/plain", content: "boom" };
  const sent = slack.say({ channel, user: "U0LEE", text: "", thread_ts, files: [file] });
  slack.say({
    channel,
    user: ALERTS.id,
    text: "",
    thread_ts,
    attachments: [
      { title: "High load", text: "cpu at *99%*", fields: [{ title: "Host", value: "a1" }] },
      { title: "A page", text: "about it", from_url: "https://a.example" },
    ],
  });
  const own = await platform.post(placeOf(sent), { text: "Looking.", nonce: "p" });
  const question = slack.say({ channel, user: "U0ANA", text: "<@U0BOT> sum up", thread_ts });
  slack.say({ channel, user: "U0LEE", text: "too late", thread_ts });

  const place = placeOf(question);
  const earlier = await platform.earlier(place, { count: 10 });
  expect(earlier).toEqual([
    {
      id: root.ts,
      author: { id: "U0ANA", name: "Ana" },
      own: false,
      text: "is **prod** <down>, @Lee?",
      sentAt: Math.floor(Number(root.ts) * 1000),
      files: [],
    },
    expect.objectContaining({
      author: { id: "U0LEE", name: "Lee" },
      text: "",
      files: [expect.objectContaining({ name: "trace.log", type: "text/plain", size: 4 })],
    }),
    expect.objectContaining({
      author: { id: "U0ALERT", name: "alerts" },
      own: false,
      text: "> High load\n> cpu at **99%**\n> Host: a1",
    }),
    expect.objectContaining({ id: own, own: true, text: "Looking." }),
  ]);
  expect(await platform.earlier(place, { count: 1 })).toEqual(earlier.slice(-1));
  expect(await platform.earlier(place, { count: 10, after: sent.ts })).toEqual(earlier.slice(2));
  expect(await platform.earlier(place, { count: 0 })).toEqual([]);
});

test("of a long thread the newest come, over several pages", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const { id: channel } = slack.world.openIm("U0ANA");
  const { ts: thread_ts } = slack.say({ channel, user: "U0ANA", text: "root" });
  for (let count = 1; count <= 450; count += 1)
    slack.say({ channel, user: "U0ANA", text: `${count}`, thread_ts });
  const question = slack.say({ channel, user: "U0ANA", text: "sum up", thread_ts });
  const earlier = await platform.earlier(placeOf(question), { count: 3 });
  expect(earlier.map(({ text }) => text)).toEqual(["448", "449", "450"]);
  expect(slack.calls.filter(({ method }) => method === "conversations.replies")).toHaveLength(3);
});

test("nothing is read where there is no thread, and a refusal is told as one", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const { id } = slack.world.openIm("U0ANA");
  slack.say({ channel: id, user: "U0ANA", text: "before" });
  const direct = slack.say({ channel: id, user: "U0ANA", text: "flat" });
  const root = slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" });
  expect(await platform.earlier(placeOf(direct), { count: 10 })).toEqual([]);
  expect(await platform.earlier(placeOf(root), { count: 10 })).toEqual([]);
  expect(slack.calls.some(({ method }) => method === "conversations.replies")).toBe(false);

  const reply = slack.say({ channel: id, user: "U0ANA", text: "hi", thread_ts: direct.ts });
  slack.faults.next("conversations.replies", refused("missing_scope"));
  await expect(platform.earlier(placeOf(reply), { count: 10 })).rejects.toMatchObject({
    name: "PlatformRefused",
    code: "missing_scope",
  });
});
