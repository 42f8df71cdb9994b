import { describe, expect, test } from "vitest";
import { rateLimited, refused, resetAfter } from "../../simulator/faults.ts";
import type { SlackMessage } from "../../simulator/slack/index.ts";
import { PlatformRefused, PlatformUnreachable, RateLimited } from "../../src/errors.ts";
import type { Place } from "../../src/relay/message.ts";
import { placeOf, type SlackSetup, startSlack } from "./slack-setup.ts";

const FIRST = { text: "**one**", nonce: "part-1" };

/** A question in a thread of the direct messages with the bot. */
const ask = ({ slack }: SlackSetup): Place => {
  const { id: channel } = slack.world.openIm("U0ANA");
  const { ts: thread_ts } = slack.say({ channel, user: "U0ANA", text: "hi" });
  return placeOf(slack.say({ channel, user: "U0ANA", text: "and?", thread_ts }));
};

const open = async ({ platform }: SlackSetup, place: Place) => {
  const stream = await platform.stream(place, FIRST);
  if (stream === undefined) throw new Error("There is no stream.");
  return stream;
};

const messageAt = ({ slack }: SlackSetup, place: Place, ts: string): SlackMessage => {
  const message = slack.message(place.conversation.channel, ts);
  if (message === undefined) throw new Error("There is no message.");
  return message;
};

describe("a native stream", () => {
  test("grows in order, shows tasks, and ends with buttons and its nonce", async () => {
    await using setup = await startSlack();
    const { slack, platform, gestures } = setup;
    const place = ask(setup);
    const before = Date.now();
    const stream = await open(setup, place);
    expect(stream.endsAt - before).toBeGreaterThanOrEqual(240_000);
    expect(stream.endsAt - before).toBeLessThan(300_000);
    const task = { id: "t", title: `<!channel> ${"x".repeat(300)}`, status: "complete" as const };
    // Not awaited one by one: the adapter writes them in this order.
    await Promise.all([stream.append(" two"), stream.showTask(task), stream.append(" three")]);
    await stream.append("");
    const message = messageAt(setup, place, stream.reference);
    expect(message.stream?.tasks.get("t")?.title).toMatch(/^‹!channel› x{244}…$/);
    await stream.stop(", four");
    expect(message).toMatchObject({
      text: "**one** two three, four",
      thread_ts: place.conversation.root,
      metadata: { event_payload: { nonce: "part-1" } },
    });
    expect(await platform.find(place, { nonce: "part-1", known: [] })).toBe(stream.reference);
    const click = slack.judge(message, "bad", "U0ANA");
    await slack.waitFor(() => click.acknowledged);
    expect(gestures[0]).toMatchObject({ type: "feedback", value: "bad", person: { name: "Ana" } });
    expect(slack.calls.filter((call) => call.answer?.ok === false)).toEqual([]);
  });

  test.each([
    ["auto", "a thread of direct messages", true],
    ["auto", "flat direct messages", false],
    ["auto", "a channel", false],
    ["native", "a channel", true],
    ["native", "flat direct messages", false],
    ["edits", "a thread of direct messages", false],
  ] as const)("with SLACK_STREAMING=%s, in %s: %s", async (streaming, where, expected) => {
    await using setup = await startSlack({ platform: { streaming } });
    const { slack, platform } = setup;
    const channel = where === "a channel" ? "C0OPS" : slack.world.openIm("U0ANA").id;
    const question = slack.say({ channel, user: "U0ANA", text: "<@U0BOT> hi" });
    const place = where === "a thread of direct messages" ? ask(setup) : placeOf(question);
    const stream = await platform.stream(place, FIRST);
    expect(stream !== undefined).toBe(expected);
    const started = slack.calls.filter((call) => call.method === "chat.startStream");
    const recipients = started.map(({ args }) => [
      args["recipient_user_id"],
      args["recipient_team_id"],
    ]);
    expect(recipients).toEqual(expected ? [["U0ANA", "T0SIM"]] : []);
  });

  test("cannot be had where Slack refuses it, and Slack is not asked again for a while", async () => {
    await using setup = await startSlack();
    const { slack, platform } = setup;
    const place = ask(setup);
    const starts = (): number =>
      slack.calls.filter((call) => call.method === "chat.startStream").length;
    slack.faults.next("chat.startStream", refused("user_not_found"));
    expect(await platform.stream(place, FIRST)).toBeUndefined();
    expect(await platform.stream(place, FIRST)).toBeUndefined();
    expect(starts()).toBe(1);
    const lee = { ...place, asker: { id: "U0LEE", name: "Lee" } };
    slack.faults.next("chat.startStream", refused("unknown_method"));
    expect(await platform.stream(lee, FIRST)).toBeUndefined();
    expect(await platform.stream({ ...lee, asker: { id: "U0NEW", name: "New" } }, FIRST)).toBe(
      undefined,
    );
    expect(starts()).toBe(2);
  });

  test("that is refused for its place alone, or for patience, is asked for again", async () => {
    await using setup = await startSlack();
    const { slack, platform } = setup;
    const place = ask(setup);
    slack.faults.next("chat.startStream", refused("thread_not_found"));
    expect(await platform.stream(place, FIRST)).toBeUndefined();
    slack.faults.next("chat.startStream", rateLimited(3));
    await expect(platform.stream(place, FIRST)).rejects.toBeInstanceOf(RateLimited);
    expect(await platform.stream(place, FIRST)).toBeDefined();
  });

  test("that Slack has ended says so, and its message can be edited and found", async () => {
    await using setup = await startSlack({ simulator: { streamLifetime: -1, limits: "off" } });
    const { platform } = setup;
    const place = ask(setup);
    const stream = await open(setup, place);
    const ended = stream.append("more");
    await expect(ended).rejects.toEqual(
      expect.objectContaining({
        name: "PlatformRefused",
        code: "stream_ended",
        cause: expect.objectContaining({ code: "message_not_in_streaming_state" }),
      }),
    );
    await expect(stream.stop("more")).rejects.toBeInstanceOf(PlatformRefused);
    await platform.edit(place, stream.reference, "**one**, more");
    const message = messageAt(setup, place, stream.reference);
    expect(message.text).toBe("**one**, more");
    expect(await platform.find(place, { nonce: "part-1", known: [] })).toBe(stream.reference);
    expect(await platform.find(place, { nonce: "part-2", known: [] })).toBeUndefined();
  });

  test("is stopped by Slack's own button, which is there while an activity is shown", async () => {
    await using setup = await startSlack();
    const { slack, platform, gestures } = setup;
    const place = ask(setup);
    await platform.showActivity(place, "is thinking…");
    const stream = await open(setup, place);
    const { channel, root: thread_ts = "" } = place.conversation;
    slack.stopStream({ channel, thread_ts, user: "U0ANA" });
    await slack.waitFor(() => slack.deliveries.every((each) => each.acknowledged));
    expect(gestures).toEqual([
      {
        type: "stop",
        spot: { platform: "slack", workspace: "T0SIM", channel },
        person: { id: "U0ANA", name: "Ana" },
        reference: stream.reference,
        root: thread_ts,
      },
    ]);
    await expect(stream.append("more")).rejects.toMatchObject({ code: "stream_ended" });
    await platform.showActivity(place, undefined);
    expect(() => slack.stopStream({ channel, thread_ts, user: "U0ANA" })).toThrow("no stop button");
  });
});

describe("a stream in doubt", () => {
  test("is found as the bot's unmarked one after the question, ended and marked, so that it can be edited", async () => {
    await using setup = await startSlack();
    const { slack, platform } = setup;
    const place = ask(setup);
    const known = await open(setup, place);
    slack.faults.next("chat.startStream", resetAfter());
    const lost = platform.stream(place, { text: "two", nonce: "part-2" });
    await expect(lost).rejects.toBeInstanceOf(PlatformUnreachable);
    const lookup = { nonce: "part-2", known: [known.reference] };
    const found = await platform.find(place, lookup);
    expect(found).toBe(slack.messages(place.conversation.channel).at(-1)?.ts);
    await platform.edit(place, found ?? "", "two, whole");
    expect(messageAt(setup, place, found ?? "").text).toBe("two, whole");
    expect(await platform.find(place, lookup)).toBe(found);
    await known.append(", still open");
  });

  test("of a process that died is ended before it is edited or removed", async () => {
    await using setup = await startSlack();
    const { slack, platform } = setup;
    const place = ask(setup);
    const [first, second] = [await open(setup, place), await open(setup, place)];
    await platform.edit(place, first.reference, "whole");
    expect(messageAt(setup, place, first.reference).text).toBe("whole");
    await platform.remove(place, second.reference);
    expect(slack.message(place.conversation.channel, second.reference)).toBeUndefined();
    await expect(second.append("more")).rejects.toMatchObject({ code: "message_not_found" });
  });
});
