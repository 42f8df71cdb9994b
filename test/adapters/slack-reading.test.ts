import { expect, test } from "vitest";
import { Message, textOf } from "../../adapters/slack/message.ts";
import { paragraphsOf, toMrkdwn } from "../../adapters/slack/mrkdwn.ts";

const DIRECTORY = {
  user: (id: string) => ({ U0ANA: "Ana" })[id],
  profile: () => undefined,
  where: () => ({}),
  file: () => undefined,
  learn: async () => {},
};
const read = (message: object): string =>
  textOf(Message.parse({ ts: "1.0", ...message }), undefined, DIRECTORY);

const words = (...elements: object[]) => ({ type: "rich_text_section", elements });
const text = (said: string, style?: object) => ({ type: "text", text: said, style });

test("rich text without a plain text is read with its marks, names, links, lists and code", () => {
  const blocks = [
    {
      type: "rich_text",
      elements: [
        words(
          text("ask "),
          { type: "user", user_id: "U0ANA" },
          text(" about "),
          text("a < b ", { code: true }),
          text("or "),
          text("that", { bold: true }),
          { type: "emoji", name: "wave" },
          { type: "link", url: "https://a.example", text: "docs" },
          { type: "broadcast", range: "here" },
        ),
        {
          type: "rich_text_list",
          style: "ordered",
          elements: [words(text("x")), words(text("y"))],
        },
        { type: "rich_text_quote", elements: [text("said")] },
        { type: "rich_text_preformatted", elements: [text("let a = 1;")] },
      ],
    },
  ];
  expect(read({ text: "", blocks })).toBe(
    "ask @Ana about `a < b` or **that**:wave:[docs](https://a.example)@here\n1. x\n2. y\n> said\n```\nlet a = 1;\n```",
  );
});

test("an app's blocks are read where it gave no text, and unknown ones cost nothing", () => {
  const blocks = [
    { type: "header", text: { type: "plain_text", text: "Alert" } },
    { type: "divider" },
    { type: "section", fields: [{ type: "mrkdwn", text: "*Host* a1" }] },
    { type: "context", elements: [{ type: "mrkdwn", text: "since" }, { type: "image" }] },
    { kind: "of tomorrow" },
  ];
  expect(read({ blocks })).toBe("Alert\n**Host** a1\nsince");
  expect(read({ text: "plain", blocks, attachments: [7, { text: ["odd"] }] })).toBe("plain");
});

test("a forwarded message without a text is read from its blocks, and somebody unknown keeps the name Slack gives", () => {
  const message_blocks = [
    { message: { blocks: [{ type: "rich_text", elements: [words(text("from blocks"))] }] } },
  ];
  const forwarded = { message_blocks, author_id: "U0XXX", author_name: "Kim\nLi" };
  expect(read({ text: "see", attachments: [forwarded] })).toBe(
    "see\n\nForwarded from Kim Li:\n> from blocks",
  );
});

test.each([
  ["**bold** and *soft*, `a < b`", "*bold* and _soft_, `a &lt; b`"],
  ["# A *title*", "*A title*"],
  ["- one\n- **two**\n  - three", "• one\n• *two*\n    • three"],
  ["3. three\n4. four", "3. three\n4. four"],
  ["```sh\nnpm start && <x>\n```", "```\nnpm start &amp;&amp; &lt;x&gt;\n```"],
  ["[docs](https://a.example/?a=1&b=2)", "<https://a.example/?a=1&amp;b=2|docs>"],
  ["<https://a.example>", "<https://a.example>"],
  ["[x](javascript:alert)", "x"],
  ["<!channel> & <@U0ANA> <b>", "&lt;!channel&gt; &amp; &lt;@U0ANA&gt; &lt;b&gt;"],
  ["> said\n> twice", "> said\n> twice"],
])("%j is written as %j where Slack takes no Markdown", (markdown, mrkdwn) => {
  expect(toMrkdwn(markdown)).toBe(mrkdwn);
});

test("paragraphs are cut between blocks, never within code", () => {
  expect(paragraphsOf("one\n\n```\na\n\nb\n```")).toEqual(["one", "```\na\n\nb\n```"]);
});
