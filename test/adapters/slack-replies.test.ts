import { expect, test } from "vitest";
import {
  rateLimited,
  refused,
  resetAfter,
  resetBefore,
  serverError,
} from "../../simulator/faults.ts";
import { PlatformRefused, PlatformUnreachable, RateLimited } from "../../src/errors.ts";
import { placeOf, startSlack } from "./slack-setup.ts";

test("a part is posted in its thread, edited, found by its nonce and removed", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const place = placeOf(slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" }));
  await platform.showActivity(place, "thinking");
  expect(slack.status("C0OPS", place.question)).toBe("thinking");
  const reference = await platform.post(place, { text: "**one**", nonce: "reply-1" });
  await platform.post(place, { text: "more", nonce: "reply-2" });
  await platform.edit(place, reference, "**one, two**");
  expect(slack.status("C0OPS", place.question)).toBe("");
  expect(slack.thread("C0OPS", place.question).map((message) => message.text)).toEqual([
    "<@U0BOT> hi",
    "**one, two**",
    "more",
  ]);
  expect(slack.message("C0OPS", reference)).toMatchObject({
    original: "**one**",
    thread_ts: place.question,
    edits: [{ text: "**one, two**" }],
  });
  expect(await platform.find(place, { nonce: "reply-1", known: [] })).toBe(reference);
  expect(await platform.find(place, { nonce: "reply-9", known: [] })).toBeUndefined();
  await platform.remove(place, reference);
  await platform.remove(place, reference);
  expect(slack.message("C0OPS", reference)).toBeUndefined();
  expect(slack.calls.filter((call) => call.answer?.["error"] === "invalid_arguments")).toEqual([]);
});

test("in a flat direct message a part is posted beside the question and found behind many others", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const { id } = slack.world.openIm("U0ANA");
  const direct = placeOf(slack.say({ channel: id, user: "U0ANA", text: "hi" }));
  const reference = await platform.post(direct, { text: "answer", nonce: "part" });
  for (let count = 0; count < 250; count += 1)
    slack.say({ channel: id, user: "U0ANA", text: `${count}` });
  expect(slack.message(id, reference)?.thread_ts).toBeUndefined();
  expect(await platform.find(direct, { nonce: "part", known: [] })).toBe(reference);
  expect(slack.calls.filter((call) => call.method === "conversations.history")).toHaveLength(2);
});

test("where a channel is one conversation, a part is posted flat in it and found there", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const { root: _none, ...conversation } = placeOf(
    slack.say({ channel: "C0OPS", user: "U0ANA", text: "before" }),
  ).conversation;
  const question = slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" });
  const place = { ...placeOf(question), conversation };
  const reference = await platform.post(place, { text: "answer", nonce: "part" });
  slack.say({ channel: "C0OPS", user: "U0LEE", text: "after" });
  expect(slack.message("C0OPS", reference)?.thread_ts).toBeUndefined();
  expect(await platform.find(place, { nonce: "part", known: [] })).toBe(reference);
  expect(await platform.earlier(place, { count: 10 })).toEqual([]);
});

test("what goes wrong is told in classes: patience, unreachable, refused", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const place = placeOf(slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" }));
  const post = (): Promise<string> => platform.post(place, { text: "answer", nonce: "part" });

  slack.faults.next("chat.postMessage", rateLimited(7));
  await expect(post()).rejects.toEqual(
    expect.objectContaining({ name: "RateLimited", retryAfter: 7000 }),
  );
  slack.faults.next("chat.postMessage", refused("rate_limited"));
  await expect(post()).rejects.toBeInstanceOf(RateLimited);
  for (const fault of [serverError(), resetBefore(), refused("internal_error")]) {
    slack.faults.next("chat.postMessage", fault);
    await expect(post()).rejects.toBeInstanceOf(PlatformUnreachable);
  }
  expect(slack.thread("C0OPS", place.question)).toHaveLength(1);
  slack.faults.next("chat.postMessage", refused("channel_not_found"));
  await expect(post()).rejects.toEqual(expect.objectContaining({ code: "channel_not_found" }));
  await expect(platform.edit(place, "1.2", "text")).rejects.toBeInstanceOf(PlatformRefused);

  slack.faults.next("chat.postMessage", resetAfter());
  await expect(post()).rejects.toBeInstanceOf(PlatformUnreachable);
  const [, posted] = slack.thread("C0OPS", place.question);
  expect(await platform.find(place, { nonce: "part", known: [] })).toBe(posted?.ts);

  slack.faults.always("assistant.threads.setStatus", refused("not_authorized"));
  await expect(platform.showActivity(place, "thinking")).resolves.toBeUndefined();
});

test("a file is put below the reply, in its thread or beside a flat question", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const bytes = new TextEncoder().encode("a,b\n");
  const thread = placeOf(slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" }));
  const { id: channel } = slack.world.openIm("U0ANA");
  const flat = placeOf(slack.say({ channel, user: "U0ANA", text: "hi" }));
  for (const place of [thread, flat]) {
    await platform.upload(place, { name: "a.csv", bytes });
    const message = slack.messages(place.conversation.channel).at(-1);
    expect(message?.thread_ts).toBe(place.conversation.root);
    expect(message?.files).toMatchObject([{ name: "a.csv", content: Buffer.from(bytes) }]);
  }
});

test("an upload that fails says how, and shows nothing", async () => {
  await using setup = await startSlack();
  const { slack, platform } = setup;
  const place = placeOf(slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" }));
  const upload = (bytes: Uint8Array) => platform.upload(place, { name: "a.txt", bytes });
  const some = new Uint8Array([1]);
  await expect(upload(new Uint8Array())).rejects.toMatchObject({ code: "invalid_arguments" });
  slack.faults.next("files.getUploadURLExternal", rateLimited(2));
  await expect(upload(some)).rejects.toBeInstanceOf(RateLimited);
  slack.faults.next("files.completeUploadExternal", refused("channel_not_found"));
  await expect(upload(some)).rejects.toMatchObject({ code: "channel_not_found" });
  // Where the bytes go, nobody waits for them any more.
  slack.subscribe((change) => {
    if (change.type === "called" && change.call.method === "files.getUploadURLExternal")
      slack.world.uploads.clear();
  });
  await expect(upload(some)).rejects.toMatchObject({ code: "http_404" });
  expect(slack.thread("C0OPS", place.question)).toHaveLength(1);
});
