import { describe, expect, test } from "vitest";
import { createLookups } from "../../adapters/slack/lookups.ts";
import { standingOf } from "../../adapters/slack/standing.ts";
import { refused, slow } from "../../simulator/faults.ts";
import { createLog } from "../../src/log.ts";
import { hear, startSlack } from "./slack-setup.ts";

const BOT = { team: "T0", user: "U0BOT", bot: "B0BOT" };
const MEMBER = {
  name: "Ana",
  guest: false,
  stranger: false,
  team: "T0",
  organisation: undefined,
};

describe("how an author belongs here", () => {
  test.each([
    [{}, MEMBER, "member"],
    [{}, { ...MEMBER, guest: true }, "guest"],
    [{}, { ...MEMBER, team: "T9" }, "external"],
    [{}, { ...MEMBER, stranger: true }, "external"],
    [{ user_team: "T9" }, MEMBER, "external"],
    [{ source_team: "T9" }, { ...MEMBER, guest: true }, "external"],
    [{ user_team: "T0", source_team: "T0" }, MEMBER, "member"],
    [{}, undefined, "member"],
    [{ user_team: "T9" }, undefined, "external"],
    [{ user_profile: { team: "T0", is_restricted: true } }, undefined, "guest"],
    [{ user_profile: { is_ultra_restricted: true } }, undefined, "guest"],
    [{ user_profile: { team: "T9" } }, undefined, "external"],
  ] as const)("told %j and asked %j: %s", (author, profile, standing) => {
    expect(standingOf(author, profile, BOT)).toBe(standing);
  });

  test("somebody of another workspace in the same Enterprise Grid organisation is a member", () => {
    const bot = { ...BOT, organisation: "E0" };
    const colleague = { ...MEMBER, team: "T1", organisation: "E0" };
    expect(standingOf({ user_team: "T1" }, colleague, bot)).toBe("member");
    expect(standingOf({ user_team: "E0" }, undefined, bot)).toBe("member");
    expect(standingOf({}, { ...colleague, organisation: "E9" }, bot)).toBe("external");
  });

  test("is what users.info says, on a real message", async () => {
    await using setup = await startSlack({
      simulator: {
        seedWorld: {
          users: [
            { id: "U0ANA", real_name: "Ana" },
            { id: "U0GAST", is_restricted: true },
            { id: "U0ONE", is_restricted: true, is_ultra_restricted: true },
            { id: "U0FAR", team_id: "T0FAR" },
          ],
        },
      },
    });
    const standings = [];
    for (const user of ["U0ANA", "U0GAST", "U0ONE", "U0FAR"]) {
      const message = await hear(setup, { channel: "C0OPS", user, text: "<@U0BOT> hi" });
      standings.push(message.standing);
    }
    expect(standings).toEqual(["member", "guest", "guest", "external"]);
  });
});

test("a channel has its name and its topic, which is asked for once; direct messages of two or more have none", async () => {
  const topic = "On call: <@U0ANA> &amp; <https://a.example|runbook> &lt;now&gt;";
  await using setup = await startSlack({
    simulator: { seedWorld: { channels: [{ id: "C0OPS", name: "ops", topic }] } },
  });
  const { slack } = setup;
  const said = { user: "U0ANA", text: "<@U0BOT> hi" };
  const message = await hear(setup, { channel: "C0OPS", ...said });
  expect(message.where).toEqual({
    name: "ops",
    topic: "On call: @Ana & [runbook](https://a.example) <now>",
  });
  await hear(setup, { channel: "C0OPS", ...said });
  const direct = await hear(setup, { channel: slack.world.openIm("U0ANA").id, ...said });
  expect(direct.where).toEqual({});
  slack.world.addChannel({ id: "G0THREE", name: "mpdm-ana--lee-1", type: "mpim" });
  const group = await hear(setup, { channel: "G0THREE", ...said });
  expect(group).toMatchObject({ addressed: "mention", where: {} });
  const asked = slack.calls.filter(({ method }) => method === "conversations.info");
  expect(asked.map(({ conversation }) => conversation)).toEqual(["C0OPS", "G0THREE"]);
});

test("a Slack that knows the fewest methods still hands over every message and takes the answer", async () => {
  const known = ["auth.test", "apps.connections.open", "chat.postMessage", "chat.update"];
  await using setup = await startSlack();
  const { slack, platform } = setup;
  slack.faults.decideBy(({ operation }) =>
    known.includes(operation) ? undefined : refused("unknown_method"),
  );
  const said = { channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> ask <@U0LEE>" };
  const message = await hear(setup, said);
  expect(message).toMatchObject({
    author: { id: "U0ANA", name: "U0ANA" },
    standing: "member",
    where: {},
    text: "ask @U0LEE",
  });
  const place = { ...message, question: message.id, asker: message.author };
  await platform.showActivity(place, "thinking");
  const reference = await platform.post(place, { text: "one", nonce: "part" });
  await platform.edit(place, reference, "two");
  expect(await platform.earlier(place, { count: 10 })).toEqual([]);
  expect(slack.message("C0OPS", reference)?.text).toBe("two");
  const asked = slack.calls.length;
  await hear(setup, said);
  // What Slack does not know is not asked again for a while.
  expect(slack.calls).toHaveLength(asked);
});

test("a Slack that does not answer holds a message up for about a second in all, and loses none", async () => {
  await using setup = await startSlack();
  const { slack } = setup;
  for (const method of ["users.info", "conversations.info", "files.info"])
    slack.faults.always(method, slow(4000));
  const began = performance.now();
  const message = await hear(setup, {
    channel: "C0OPS",
    user: "U0ANA",
    text: "<@U0BOT> ask <@U0LEE>",
    files: [{ name: "a.txt", mimetype: "text/plain", content: "a", byIdOnly: true }],
  });
  expect(performance.now() - began).toBeLessThan(2000);
  expect(message).toMatchObject({ author: { name: "U0ANA" }, standing: "member", where: {} });
});

describe("what was looked up", () => {
  const log = createLog("silent");

  test("is asked for once at a time, kept, and the oldest goes when there is no room", async () => {
    const asked: string[] = [];
    const ask = async (id: string): Promise<string> => {
      asked.push(id);
      return id.toUpperCase();
    };
    const lookups = createLookups({ what: "letter", ask, log, capacity: 2 });
    await Promise.all([lookups.learn(["a", "b"]), lookups.learn(["a"])]);
    await lookups.learn(["a", "b"]);
    expect(asked).toEqual(["a", "b"]);
    await lookups.learn(["c"]);
    expect(["a", "b", "c"].map(lookups.get)).toEqual([undefined, "B", "C"]);
  });

  test("is asked for in bounds, the first ones first", async () => {
    const asked: string[] = [];
    const ask = async (id: string): Promise<void> => void asked.push(id);
    const ids = Array.from({ length: 100 }, (_, index) => `U${index}`);
    await createLookups({ what: "person", ask, log }).learn(ids);
    expect(asked).toEqual(ids.slice(0, 30));
  });

  test("stays known where it cannot be had again", async () => {
    let fails = false;
    const ask = async (): Promise<string> => {
      if (fails) throw new Error("away");
      return "known";
    };
    const lookups = createLookups({ what: "letter", ask, log, lifetime: -1 });
    await lookups.learn(["a"]);
    fails = true;
    await lookups.learn(["a"]);
    expect(lookups.get("a")).toBe("known");
  });

  test("waits for nobody longer than its patience", async () => {
    const lookups = createLookups({
      what: "letter",
      ask: () => new Promise<string>(() => {}),
      log,
      patience: 20,
    });
    await lookups.learn(["a"]);
    expect(lookups.get("a")).toBeUndefined();
  });
});
