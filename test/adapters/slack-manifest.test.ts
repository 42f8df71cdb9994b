import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { COMMAND, EVENTS, SCOPES } from "../../adapters/slack/index.ts";
import { startSlack } from "./slack-setup.ts";

const Manifest = z.object({
  features: z.object({
    app_home: z.object({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    agent_view: z.object({
      agent_description: z.string().max(300),
      suggested_prompts: z.array(z.unknown()).max(4),
    }),
    slash_commands: z.array(z.object({ command: z.string() })),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.literal(true) }),
    socket_mode_enabled: z.literal(true),
  }),
});

test("manifest.yml asks for the scopes, events and command that the code lists, and explains each", async () => {
  const text = await readFile(new URL("../../manifest.yml", import.meta.url), "utf8");
  const { features, oauth_config, settings } = Manifest.parse(parse(text));
  expect(oauth_config.scopes.bot).toEqual(Object.keys(SCOPES).toSorted());
  expect(settings.event_subscriptions.bot_events).toEqual(EVENTS.toSorted());
  expect(features.slash_commands.map(({ command }) => command)).toEqual([COMMAND]);
  expect(features.app_home).toEqual({
    home_tab_enabled: true,
    messages_tab_enabled: true,
    messages_tab_read_only_enabled: false,
  });
  for (const name of [...Object.keys(SCOPES), ...EVENTS])
    expect(text).toMatch(new RegExp(`- ${name} # \\w`));
});

test("with the scopes and events of the manifest alone, questions arrive and every call is allowed", async () => {
  await using setup = await startSlack({
    platform: { streaming: "native" },
    simulator: { seedWorld: { scopes: Object.keys(SCOPES) }, subscribed: EVENTS },
    introduce: async () => ({ text: "Hello.", prompts: [{ title: "Help", message: "Help me" }] }),
  });
  const { slack, platform, received } = setup;
  const { ts: thread_ts } = slack.say({ channel: "C0OPS", user: "U0LEE", text: "look" });
  slack.say({
    channel: "C0OPS",
    user: "U0ANA",
    text: "<@U0BOT> hi",
    thread_ts,
    files: [{ name: "a.txt", mimetype: "text/plain", content: "a", byIdOnly: true }],
  });
  slack.react(slack.say({ channel: "C0OPS", user: "U0BOT", text: "earlier" }), "U0ANA", "+1");
  slack.openApp({ user: "U0ANA", tab: "home" });
  await slack.waitFor(() => slack.deliveries.every((each) => each.acknowledged));
  expect(setup.gestures).toMatchObject([{ type: "feedback" }]);
  const message = received.find(({ addressed }) => addressed === "mention");
  if (message === undefined) throw new Error("nothing arrived");
  const place = { conversation: message.conversation, question: message.id, asker: message.author };
  expect(await platform.earlier(place, { count: 5 })).toHaveLength(1);
  for (const file of message.files) await platform.download(file, 9, AbortSignal.timeout(5000));
  await platform.showActivity(place, "thinking");
  const reference = await platform.post(place, { text: "one", nonce: "part" });
  await platform.edit(place, reference, "two");
  await platform.find(place, { nonce: "part", known: [] });
  await platform.remove(place, reference);
  await platform.upload(place, { name: "a.txt", bytes: new Uint8Array([1]) });
  const stream = await platform.stream(place, { text: "one", nonce: "part" });
  await stream?.append(" two");
  await stream?.stop(".");
  const used = new Set(slack.calls.map((call) => call.method));
  expect(slack.calls.filter((call) => call.answer?.ok !== true)).toEqual([]);
  const free = ["auth.test", "apps.connections.open", "views.publish"];
  const listed = new Set([...Object.values(SCOPES).flat(), ...free]);
  expect([...used].filter((method) => !listed.has(method))).toEqual([]);
});
