import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { ConfigurationFault } from "../../src/errors.ts";
import { placeOf, startSlack } from "./slack-setup.ts";

const FAST = { acknowledgement: 300, redeliveries: [0, 50, 50] };

describe("receiving", () => {
  test("a mention arrives twice, as equal messages, with names and in the thread it will be answered in", async () => {
    await using setup = await startSlack();
    const { slack, received } = setup;
    const said = slack.say({
      channel: "C0OPS",
      user: "U0ANA",
      text: "<@U0BOT> ask <@U0LEE> about &lt;x&gt;",
    });
    await slack.waitFor(
      () => slack.deliveries.length === 2 && slack.deliveries.every((each) => each.acknowledged),
    );
    expect(received).toHaveLength(2);
    expect(received[1]).toEqual(received[0]);
    expect(received[0]).toEqual({
      id: said.ts,
      conversation: { platform: "slack", workspace: "T0SIM", channel: "C0OPS", root: said.ts },
      ancestors: [],
      author: { id: "U0ANA", name: "Ana" },
      standing: "member",
      where: { name: "ops" },
      text: "ask @Lee about <x>",
      sentAt: Math.floor(Number(said.ts) * 1000),
      addressed: "mention",
      files: [],
    });
    expect(slack.calls.filter((call) => call.method === "users.info")).toHaveLength(2);
  });

  test("an event is acknowledged only after receive has committed, and delivered again where it failed", async () => {
    const attempts: string[] = [];
    await using setup = await startSlack({
      simulator: { timings: FAST },
      receive: async (message) => {
        attempts.push(message.id);
        if (attempts.length === 1) throw new Error("the store is away");
      },
    });
    const { slack, received } = setup;
    const { id } = slack.world.openIm("U0ANA");
    slack.say({ channel: id, user: "U0ANA", text: "hello" });
    const [delivery] = slack.deliveries;
    await slack.waitFor(() => attempts.length === 1 || attempts.length === 2);
    expect(delivery?.acknowledged).toBeUndefined();
    await slack.waitFor(() => delivery?.acknowledged);
    expect(delivery?.attempts.map((attempt) => attempt.reason)).toEqual(["", "timeout"]);
    expect(attempts).toHaveLength(2);
    expect(received.map((message) => message.addressed)).toEqual(["direct"]);
  });

  test("while one socket is recycled, the other one carries on", async () => {
    await using setup = await startSlack();
    const { slack, received, platform } = setup;
    expect(slack.sockets).toBe(2);
    slack.faults.refreshSockets(1);
    await slack.waitFor(() => slack.sockets === 1);
    const { id } = slack.world.openIm("U0ANA");
    for (const text of ["one", "two", "three"]) slack.say({ channel: id, user: "U0ANA", text });
    await slack.waitFor(() => slack.deliveries.every((each) => each.acknowledged));
    expect(received.map((message) => message.text)).toEqual(["one", "two", "three"]);
    expect(platform.ready).toBe(true);
  });

  test("an event whose socket is cut before the acknowledgement comes again on the other one", async () => {
    const held: PromiseWithResolvers<void>[] = [];
    await using setup = await startSlack({
      receive: async () => {
        const commit = Promise.withResolvers<void>();
        held.push(commit);
        await commit.promise;
      },
    });
    const { slack, received } = setup;
    const { id } = slack.world.openIm("U0ANA");
    slack.say({ channel: id, user: "U0ANA", text: "hold this" });
    const [delivery] = slack.deliveries;
    if (delivery === undefined) throw new Error("nothing was sent");
    await expect.poll(() => held.length).toBe(1);
    slack.faults.dropSocketOf(delivery);
    await expect.poll(() => held.length).toBe(2);
    held[1]?.resolve();
    await slack.waitFor(() => delivery.acknowledged);
    expect(delivery.attempts.map((attempt) => attempt.reason)).toEqual(["", "socket_closed"]);
    held[0]?.resolve();
    await expect.poll(() => received.length).toBe(2);
    expect(received[0]).toEqual(received[1]);
  });

  test("stop takes nothing new, but lets what is under way end and be acknowledged", async () => {
    const commit = Promise.withResolvers<void>();
    await using setup = await startSlack({ receive: () => commit.promise });
    const { slack, platform, received } = setup;
    const { id } = slack.world.openIm("U0ANA");
    const said = slack.say({ channel: id, user: "U0ANA", text: "before" });
    await slack.waitFor(() =>
      slack.calls.some((call) => call.method === "users.info" && call.answer),
    );
    const stopped = platform.stop();
    expect(platform.ready).toBe(false);
    slack.say({ channel: id, user: "U0ANA", text: "after" });
    commit.resolve();
    await stopped;
    expect(received.map((message) => message.text)).toEqual(["before"]);
    expect(slack.deliveries.map((each) => each.acknowledged !== undefined)).toEqual([true, false]);
    await slack.waitFor(() => slack.sockets === 0);
    await expect(platform.post(placeOf(said), { text: "still here", nonce: "n" })).resolves.toMatch(
      /^\d+\./,
    );
  });

  test("commands and clicks are acknowledged with their answer", async () => {
    await using setup = await startSlack();
    const { slack } = setup;
    const command = slack.slash({
      command: "/patchbay",
      text: "",
      channel: "C0OPS",
      user: "U0ANA",
    });
    const said = slack.say({ channel: "C0OPS", user: "U0LEE", text: "hi" });
    const click = slack.clickButton(said, "approve", "yes", "U0ANA");
    await slack.waitFor(() => command.acknowledged && click.acknowledged);
    expect(command.acknowledged?.response).toMatchObject({ response_type: "ephemeral" });
  });
});

describe("starting", () => {
  test("a token that Slack does not take is a fault of the set-up that names its variable", async () => {
    await expect(startSlack({ platform: { botToken: "xoxb-wrong" } })).rejects.toThrow(
      /^SLACK_BOT_TOKEN: .*invalid_auth/,
    );
    await expect(startSlack({ platform: { appToken: "xapp-wrong" } })).rejects.toThrow(
      /^SLACK_APP_TOKEN: .*invalid_auth/,
    );
    await expect(startSlack({ platform: { appToken: "xapp-wrong" } })).rejects.toBeInstanceOf(
      ConfigurationFault,
    );
  });

  test("a token of the wrong kind is told at once, not asked for again and again", async () => {
    await expect(startSlack({ platform: { appToken: "xoxb-simulator" } })).rejects.toThrow(
      /^SLACK_APP_TOKEN: .*not_allowed_token_type/,
    );
    await expect(startSlack({ platform: { botToken: "xapp-simulator" } })).rejects.toThrow(
      /^SLACK_BOT_TOKEN: .*not_allowed_token_type/,
    );
  });

  test("with a proxy everything goes through it, sockets too", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }, client, head) => {
      tunnels.push(url);
      const [host, port] = url.split(":");
      const upstream = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const address = proxy.address();
    const port = typeof address === "object" ? address?.port : undefined;
    {
      await using setup = await startSlack({ platform: { proxy: `http://127.0.0.1:${port}` } });
      const { slack, received } = setup;
      const { id } = slack.world.openIm("U0ANA");
      slack.say({ channel: id, user: "U0ANA", text: "hi" });
      await slack.waitFor(() => slack.deliveries[0]?.acknowledged);
      expect(received[0]?.author.name).toBe("Ana");
      expect(new Set(tunnels)).toEqual(new Set([new URL(slack.apiUrl).host]));
      // Two sockets, and at least one connection for calls.
      expect(tunnels.length).toBeGreaterThanOrEqual(3);
    }
    proxy.close();
    await once(proxy, "close");
  });
});
