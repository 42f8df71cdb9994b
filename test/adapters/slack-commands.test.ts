import { WebClient } from "@slack/web-api";
import { fetch } from "undici";
import { describe, expect, test } from "vitest";
import { createCommandListener } from "../../adapters/slack/commands.ts";
import { createDirectory } from "../../adapters/slack/directory.ts";
import { refused } from "../../simulator/faults.ts";
import { createSlackSimulator } from "../../simulator/slack/index.ts";
import { createLog } from "../../src/log.ts";
import type { Command, Introduction, Person } from "../../src/relay/message.ts";
import { startSlack } from "./slack-setup.ts";

const PATCHBAY = { command: "/patchbay", channel: "C0OPS", user: "U0ANA" };
const INTRODUCTION: Introduction = {
  text: "**Hello.** I use `tools`.\n\n- one\n- two",
  prompts: [{ title: "Status?", message: "What is deployed?" }],
};

const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });

describe("a command", () => {
  test.each([false, true])("is answered with its acknowledgement (over HTTP: %s)", async (http) => {
    const commands: Command[] = [];
    await using setup = await startSlack({
      http,
      command: async (command) => {
        commands.push(command);
        return "**Done**, see [docs](https://a.example) <!channel>.";
      },
    });
    const { slack } = setup;
    const told: string[] = [];
    slack.subscribe((change) => change.type === "ephemeral" && told.push(change.text));
    const delivery = slack.slash({ ...PATCHBAY, text: "  new " });
    await slack.waitFor(() => delivery.acknowledged);
    expect(commands).toEqual([
      {
        conversation: { platform: "slack", workspace: "T0SIM", channel: "C0OPS" },
        author: { id: "U0ANA", name: "Ana" },
        standing: "member",
        where: { name: "ops" },
        text: "new",
      },
    ]);
    const text = "*Done*, see <https://a.example|docs> &lt;!channel&gt;.";
    expect(delivery.acknowledged?.response).toEqual({ response_type: "ephemeral", text });
    expect(told).toEqual([text]);
  });

  test("is understood where Slack tells nothing of people and channels", async () => {
    const commands: Command[] = [];
    await using setup = await startSlack({
      command: async (command) => {
        commands.push(command);
        return "ok";
      },
    });
    const { slack } = setup;
    for (const method of ["users.info", "conversations.info"])
      slack.faults.always(method, refused("unknown_method"));
    const delivery = slack.slash({ ...PATCHBAY, text: "help" });
    await slack.waitFor(() => delivery.acknowledged);
    expect(commands).toMatchObject([
      { author: { name: "ana" }, standing: "member", where: { name: "ops" } },
    ]);
  });

  test("that takes long is acknowledged without its answer, which follows over the response URL", async () => {
    await using slack = await createSlackSimulator();
    const log = createLog("silent");
    const told: string[] = [];
    slack.subscribe((change) => change.type === "ephemeral" && told.push(change.text));
    const answer = Promise.withResolvers<string>();
    const listener = createCommandListener({
      bot: { team: "T0SIM", user: "U0BOT", bot: "B0BOT" },
      directory: createDirectory({ client: new WebClient("", { slackApiUrl: slack.apiUrl }), log }),
      hands: { command: () => answer.promise },
      fetch,
      log,
      patience: 1,
    });
    const { payload } = slack.slash({ ...PATCHBAY, text: "status" });
    await listener({
      command: payload,
      ack: async (response) => {
        told.push(`acknowledged ${JSON.stringify(response)}`);
        answer.resolve("**late**");
      },
    });
    expect(told).toEqual(["acknowledged undefined", "*late*"]);
  });
});

describe("an introduction", () => {
  test("is put on the home tab when somebody opens it, with prompts for the conversation", async () => {
    const introduced: Person[] = [];
    await using setup = await startSlack({
      introduce: async (person) => {
        introduced.push(person);
        return INTRODUCTION;
      },
    });
    const { slack } = setup;
    const { id } = slack.world.openIm("U0ANA");
    slack.openApp({ user: "U0ANA", tab: "home" });
    await slack.waitFor(() => slack.world.homes.get("U0ANA") && slack.world.prompts.get(id));
    expect(introduced).toEqual([{ id: "U0ANA", name: "Ana" }]);
    expect(slack.world.homes.get("U0ANA")).toEqual({
      type: "home",
      blocks: [
        section("*Hello.* I use `tools`."),
        section("• one\n• two"),
        section("*Try asking*"),
        section("• What is deployed?"),
      ],
    });
    expect(slack.world.prompts.get(id)).toEqual({ prompts: INTRODUCTION.prompts });
  });

  test("is suggested as prompts when the messages are opened or what is seen beside them changes", async () => {
    await using setup = await startSlack({ introduce: async () => INTRODUCTION });
    const { slack } = setup;
    const { id: channel } = slack.world.openIm("U0ANA");
    slack.openApp({ user: "U0ANA", tab: "messages" });
    await slack.waitFor(() => slack.world.prompts.delete(channel));
    const event_ts = slack.world.nextTs();
    slack.sendEvent({ type: "app_context_changed", user: "U0ANA", channel, context: {}, event_ts });
    await slack.waitFor(() => slack.world.prompts.has(channel));
    expect(slack.world.homes.size).toBe(0);
  });

  test("that Slack does not take costs nothing: the event is acknowledged, and what can be shown is", async () => {
    await using setup = await startSlack({ introduce: async () => INTRODUCTION });
    const { slack } = setup;
    slack.faults.always("views.publish", refused("not_enabled"));
    slack.openApp({ user: "U0ANA", tab: "home" });
    await slack.waitFor(() => slack.deliveries[0]?.acknowledged);
    expect(slack.world.prompts.size).toBe(1);
  });

  test("that nobody can make is left out", async () => {
    await using setup = await startSlack({ introduce: () => Promise.reject(new Error("away")) });
    const { slack } = setup;
    slack.openApp({ user: "U0ANA", tab: "home" });
    await slack.waitFor(() => slack.deliveries[0]?.acknowledged);
    expect(slack.world.homes.size).toBe(0);
  });
});
