import { expect, test } from "vitest";

import { parseSettings } from "../../src/settings/parse.ts";
import {
  assistantOf,
  type Channel,
  channelSettings,
  isAdmin,
} from "../../src/settings/settings.ts";

const settings = await parseSettings(
  `
admins: [slack:U012AB3CD, discord:80351110224678912]
assistants: { name: {}, id: {}, team: {}, thread: {}, general: {} }
channels:
  "slack:#Incidents": { assistant: name, answer: all }
  slack:C0OPS: { assistant: id, conversation: channel }
  "slack:T0TWO/#incidents": { assistant: team }
  "discord:general": { assistant: general }
  "discord:100000000000000001": { assistant: thread }
  "discord:100000000000000009": { assistant: id }
`,
  { file: "patchbay.yml", dir: "." },
);
const slack = { platform: "slack", workspace: "T0ONE", channelId: "C0ANY" } as const;
const discord = { platform: "discord", workspace: "9", channelId: "100000000000000002" } as const;

test.each<[string, Channel, string]>([
  ["a channel that is not listed", { ...slack, channelName: "random" }, "default"],
  ["a channel by name, without regard to case", { ...slack, channelName: "incidents" }, "name"],
  ["the id before the name", { ...slack, channelId: "C0OPS", channelName: "incidents" }, "id"],
  [
    "the name in its team before the name alone",
    { ...slack, workspace: "T0TWO", channelName: "incidents" },
    "team",
  ],
  ["an id whose name nobody knows", { ...slack, channelId: "C0OPS" }, "id"],
  ["another platform's channel of that name", { ...discord, channelName: "incidents" }, "default"],
  ["a Discord channel by name", { ...discord, channelName: "general" }, "general"],
  [
    "a thread by its channel's name",
    { ...discord, channelName: "help", parentChannel: { id: "1", name: "general" } },
    "general",
  ],
  [
    "a thread by its own id before its channel",
    { ...discord, channelId: "100000000000000001", parentChannel: { id: "100000000000000009" } },
    "thread",
  ],
  [
    "a thread by its channel's id",
    { ...discord, parentChannel: { id: "100000000000000009", name: "general" } },
    "id",
  ],
  [
    "a thread that calls itself like another channel",
    { ...discord, channelName: "general", parentChannel: { id: "1", name: "random" } },
    "default",
  ],
])("%s", (_name, channel, assistant) => {
  expect(assistantOf(settings, channel).key).toBe(assistant);
});

test("one entry holds as a whole, and elsewhere the defaults hold", () => {
  expect(channelSettings(settings, { ...slack, channelName: "incidents" })).toMatchObject({
    answer: "all",
    conversation: undefined,
  });
  expect(
    channelSettings(settings, { ...slack, channelId: "C0OPS", channelName: "incidents" }),
  ).toMatchObject({
    answer: "thread",
    conversation: "channel",
  });
  expect(channelSettings(settings, slack)).toMatchObject({
    answer: "thread",
    conversation: undefined,
  });
});

test("an admin is one on the platform that the id belongs to", () => {
  expect(isAdmin(settings, "slack", "U012AB3CD")).toBe(true);
  expect(isAdmin(settings, "discord", "U012AB3CD")).toBe(false);
  expect(isAdmin(settings, "discord", "80351110224678912")).toBe(true);
  expect(isAdmin(settings, "slack", "U999")).toBe(false);
});
