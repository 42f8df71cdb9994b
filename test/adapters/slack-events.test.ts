import { describe, expect, test } from "vitest";
import type { Directory } from "../../adapters/slack/directory.ts";
import { concernOf, MessageEvent, readMessage } from "../../adapters/slack/events.ts";
import { toMarkdown } from "../../adapters/slack/text.ts";

const BOT = { team: "T0", user: "U0BOT", bot: "B0BOT" };
const NAMES = { user: (id: string) => ({ U0ANA: "Ana", U0LEE: "Lee" })[id] };
const DIRECTORY: Directory = {
  ...NAMES,
  profile: () => undefined,
  where: () => ({}),
  file: () => undefined,
  learn: async () => {},
};
const SAID = {
  type: "message",
  channel: "C0",
  channel_type: "channel",
  ts: "1700000000.000100",
  user: "U0ANA",
};

const reading = (payload: object) => {
  const event = MessageEvent.parse(payload);
  const concern = concernOf(event, BOT);
  if ("ignored" in concern) return concern;
  return { message: readMessage(event, concern.addressed, BOT, DIRECTORY) };
};
const read = (event: object) => reading({ ...SAID, text: "", ...event });

describe("what concerns the bot", () => {
  test("a mention is one message, whether it comes as app_mention, message, with files or shown in the channel", () => {
    const text = "<@U0BOT> hi";
    const { channel_type: _none, ...mention } = SAID;
    const twin = reading({ ...mention, type: "app_mention", text });
    expect(twin).toMatchObject({
      message: { addressed: "mention", conversation: { root: SAID.ts } },
    });
    expect(read({ text })).toEqual(twin);
    expect(read({ text, subtype: "thread_broadcast", thread_ts: "1.0" })).toMatchObject({
      message: { addressed: "mention", conversation: { root: "1.0" } },
    });
    const file = {
      id: "F1",
      name: "a.csv",
      mimetype: "text/csv",
      size: 3,
      url_private: "https://s/a",
    };
    const files = [
      { ...file, url_private_download: "https://s/a?download" },
      { id: "F2", file_access: "check_file_info" },
      { id: "F3", url_private: "https://s/b" },
    ];
    expect(read({ text, subtype: "file_share", files })).toMatchObject({
      message: {
        addressed: "mention",
        files: [
          { id: "F1", name: "a.csv", type: "text/csv", size: 3, url: "https://s/a?download" },
          { id: "F2", name: "F2", type: "application/octet-stream", url: "slack-file:F2" },
          { id: "F3", name: "F3", type: "application/octet-stream", url: "https://s/b" },
        ],
      },
    });
  });

  test("a direct message is its own conversation, a thread in it another", () => {
    const direct = { channel: "D0", channel_type: "im", text: "hi" };
    const flat = read(direct);
    expect(flat).toMatchObject({
      message: { addressed: "direct", conversation: { channel: "D0" } },
    });
    expect("message" in flat && "root" in flat.message.conversation).toBe(false);
    expect(read({ ...direct, thread_ts: "1.0" })).toMatchObject({
      message: { conversation: { root: "1.0" } },
    });
  });

  test("a message that names nobody is handed on for the relay to decide, in a thread and outside", () => {
    expect(read({ text: "and?", thread_ts: "1.0" })).toMatchObject({
      message: { addressed: "thread" },
    });
    expect(read({ text: "lunch?" })).toMatchObject({
      message: { addressed: "channel", conversation: { root: SAID.ts } },
    });
  });

  test.each([
    [{ subtype: "message_changed", hidden: true }, "subtype message_changed"],
    [{ subtype: "channel_join" }, "subtype channel_join"],
    [{ subtype: "bot_message", bot_id: "B9" }, "subtype bot_message"],
    [{ user: "U0BOT", bot_id: "B0BOT" }, "written by the bot itself"],
    [{ user: "U0ROBOT", bot_id: "B9" }, "written by another bot"],
    [{ bot_profile: { id: "B9" } }, "written by another bot"],
    [{ user: undefined }, "not written by a person"],
    [{ user: "USLACKBOT" }, "not written by a person"],
  ])("%j is ignored: %s", (event, ignored) => {
    expect(read({ text: "<@U0BOT> hi", channel: "D0", ...event })).toEqual({ ignored });
  });
});

test.each([
  ["<@U0BOT> what is <#C1|ops>?", "what is #ops?"],
  ["<@U0BOT>, please", "please"],
  ["hey <@U0BOT|patchbay> you", "hey you"],
  ["<@U0LEE> and <@U0NEW|new> and <@U0XXX>", "@Lee and @new and @U0XXX"],
  ["<!here> <!subteam^S1|@ops> <!date^1^{date}|today>", "@here @ops today"],
  [
    "<https://a.example/x_y*z*|label> <https://a.example> <mailto:a@b.example|a@b.example>",
    "[label](https://a.example/x_y*z*) https://a.example a@b.example",
  ],
  ["1 &lt; 2 &amp;&amp; 3 &gt; 2, &amp;lt;", "1 < 2 && 3 > 2, &lt;"],
  ["*bold* 2*3*4 ~gone~ _it_", "**bold** 2*3*4 ~~gone~~ _it_"],
  ["`*a* &lt;b&gt; <https://a.example|a.example>`", "`*a* <b> a.example`"],
  ["```\n*a* <@U0ANA>\n``` *b*", "```\n*a* @Ana\n``` **b**"],
])("Slack's %j is read as %j", (mrkdwn, markdown) => {
  expect(toMarkdown(mrkdwn, "U0BOT", NAMES)).toBe(markdown);
});
