import { describe, expect, test } from "vitest";
import { noticeChange, noticeReaction } from "../../adapters/slack/gestures.ts";
import type { SlackMessage } from "../../simulator/slack/index.ts";
import { placeOf, type SlackSetup, startSlack } from "./slack-setup.ts";

const SPOT = { platform: "slack", workspace: "T0SIM", channel: "C0OPS" };
const ANA = { id: "U0ANA", name: "Ana" };
const BOT = { team: "T0", user: "U0BOT", bot: "B0BOT" };

const settled = ({ slack }: SlackSetup) =>
  slack.waitFor(() => slack.deliveries.every((each) => each.acknowledged));

/** A question, and a part of the reply to it. */
const answered = async ({ slack, platform }: SlackSetup): Promise<[SlackMessage, SlackMessage]> => {
  const question = slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" });
  const reference = await platform.post(placeOf(question), { text: "one", nonce: "part" });
  const reply = slack.message("C0OPS", reference);
  if (reply === undefined) throw new Error("There is no reply.");
  return [question, reply];
};

describe("an edited message", () => {
  test("is handed over as it reads now, with the names of whom it mentions", async () => {
    await using setup = await startSlack();
    const { slack, received, gestures } = setup;
    const said = slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" });
    await settled(setup);
    slack.edit(said, "<@U0BOT> ask <@U0LEE> &amp; me");
    await settled(setup);
    const message = { ...received[0], text: "ask @Lee & me" };
    expect(gestures).toEqual([{ type: "edited", message }]);
  });

  test("tells nothing where its words stay, or where the bot edits and removes its own", async () => {
    await using setup = await startSlack();
    const { slack, platform, gestures } = setup;
    const [question, reply] = await answered(setup);
    const place = placeOf(question);
    await platform.edit(place, reply.ts, "one, two");
    await platform.remove(place, reply.ts);
    slack.edit(question, question.text);
    await settled(setup);
    expect(slack.deliveries.length).toBeGreaterThan(4);
    expect(gestures).toEqual([]);
  });

  test("without what it was before counts only where Slack says that it was edited", () => {
    const message = { ts: "2.0", user: "U0ANA", text: "hi" };
    const payload = { channel: "C0", channel_type: "channel", message };
    expect(noticeChange(payload, BOT)).toEqual({ ignored: "changed in no word" });
    const edited = { ...message, edited: { user: "U0ANA", ts: "3.0" } };
    expect(noticeChange({ ...payload, message: edited }, BOT)).toHaveProperty("read");
  });
});

test("a deleted message is told by its id, also where its thread stays", async () => {
  await using setup = await startSlack();
  const { slack, gestures } = setup;
  const [question] = await answered(setup);
  const lone = slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> and?" });
  slack.remove(lone);
  await settled(setup);
  slack.remove(question);
  await settled(setup);
  expect(gestures).toEqual(
    [lone, question].map(({ ts }) => ({ type: "deleted", spot: SPOT, message: ts })),
  );
});

describe("a reaction to a reply", () => {
  test("stops, repeats or judges it", async () => {
    await using setup = await startSlack();
    const { slack, gestures } = setup;
    const [, reply] = await answered(setup);
    const names = ["octagonal_sign", "repeat", "+1::skin-tone-3", "-1", "eyes", "hand"];
    for (const name of names) {
      slack.react(reply, "U0ANA", name);
      await settled(setup);
    }
    const common = { spot: SPOT, person: ANA, reference: reply.ts };
    expect(gestures).toEqual([
      { type: "stop", ...common },
      { type: "regenerate", ...common },
      { type: "feedback", ...common, value: "good" },
      { type: "feedback", ...common, value: "bad" },
    ]);
  });

  test.each([
    [{ item_user: "U0LEE" }, "on somebody else's message"],
    [{ user: "U0BOT" }, "made by the bot itself"],
    [{ item: { type: "file" } }, "on something else than a message"],
  ])("%j is ignored: %s", (change, ignored) => {
    const item = { type: "message", channel: "C0", ts: "1.0" };
    const event = { user: "U0ANA", reaction: "+1", item_user: "U0BOT", item, ...change };
    expect(noticeReaction(event, BOT)).toEqual({ ignored });
  });
});

describe("what cannot be committed", () => {
  test("comes again as an event, and is not acknowledged as a click", async () => {
    let tries = 0;
    await using setup = await startSlack({
      simulator: { timings: { acknowledgement: 200, redeliveries: [0, 50, 50] } },
      gesture: async () => {
        tries += 1;
        if (tries <= 2) throw new Error("the store is away");
      },
    });
    const { slack, gestures } = setup;
    const [, reply] = await answered(setup);
    await settled(setup);
    const click = slack.clickButton(reply, "patchbay_stop", "stop", "U0ANA");
    await slack.waitFor(() => click.lost);
    expect(click.acknowledged).toBeUndefined();
    slack.react(reply, "U0ANA", "octagonal_sign");
    const reaction = slack.deliveries.at(-1);
    await slack.waitFor(() => reaction?.acknowledged);
    expect(reaction?.attempts).toHaveLength(2);
    expect(gestures).toEqual([{ type: "stop", spot: SPOT, person: ANA, reference: reply.ts }]);
  });

  test("a click on another app's words or with an unknown value is acknowledged and left out", async () => {
    await using setup = await startSlack();
    const { slack, gestures } = setup;
    const [, reply] = await answered(setup);
    const clicks = [
      slack.clickButton(reply, "patchbay_feedback", "so-so", "U0ANA"),
      slack.clickButton(reply, "approve", "good", "U0ANA"),
    ];
    await slack.waitFor(() => clicks.every((click) => click.acknowledged));
    expect(gestures).toEqual([]);
  });
});
