import { array, assert, constantFrom, nat, property } from "fast-check";
import { expect, test } from "vitest";

import { format } from "../../adapters/discord/format.ts";

const ZERO_WIDTH = "\u200b";

test.each([
  ["everyone", "hi @everyone and @here", `hi @${ZERO_WIDTH}everyone and @${ZERO_WIDTH}here`],
  [
    "people and roles",
    "<@1> <@!1> <@&2>",
    `<@${ZERO_WIDTH}1> <@${ZERO_WIDTH}!1> <@${ZERO_WIDTH}&2>`,
  ],
  ["an open code span is no code", "`<@1>", `\`<@${ZERO_WIDTH}1>`],
  [
    "code spans stay",
    "run `ping @everyone` or ``a ` <@1>``",
    "run `ping @everyone` or ``a ` <@1>``",
  ],
  ["fences stay", "```sh\necho <@1> @here\n```", "```sh\necho <@1> @here\n```"],
  ["after a fence", "```\nx\n```\n@here", `\`\`\`\nx\n\`\`\`\n@${ZERO_WIDTH}here`],
  ["accidental spoilers", "a || b", String.raw`a \|\| b`],
  ["deep headings", "#### On **call**\n## Fine", "**On call**\n## Fine"],
  ["other fences", "~~~js\n1\n~~~", "```js\n1\n```"],
])("format, %s", (_, markdown, shown) => {
  expect(format(markdown)).toBe(shown);
});

test.each([
  ["[the docs](https://docs.example.com/a_(b))", "[the docs](https://docs.example.com/a_(b))"],
  ["[example.com](https://www.example.com/x)", "[example.com](https://www.example.com/x)"],
  ["[Node.js](https://nodejs.org)", "[Node.js](https://nodejs.org)"],
  ["![chart](https://example.com/c.png 'c')", "[chart](https://example.com/c.png)"],
  ["[https://bank.com](https://evil.com)", "`https://bank.com` (<https://evil.com>)"],
  ["[**bank.com**](https://evil.com)", "`bank.com` (<https://evil.com>)"],
  ["[`bank.com`](https://evil.com)", "`bank.com` (<https://evil.com>)"],
  [`[ba${ZERO_WIDTH}nk.com/login](<https://evil.com>)`, "`bank.com/login` (<https://evil.com>)"],
  ["[bank．com](https://evil.com)", "`bank．com` (<https://evil.com>)"],
  ["[bank.com](https://bank.com.evil.com)", "`bank.com` (<https://bank.com.evil.com>)"],
  ["[bank.com](https://bank.com@evil.com)", "`bank.com` (<https://bank.com@evil.com>)"],
  ["[run](javascript:alert(1))", "run (javascript:alert(1))"],
  ["[ ](https://evil.com)", "<https://evil.com>"],
])("a masked link shows where it leads: %s", (markdown, shown) => {
  expect(format(markdown)).toBe(shown);
});

test("a table becomes aligned text in a code block", () => {
  const markdown = "Open:\n| id | `who` |\n|---|:-:|\n| OPS-1 | **Lee** |\n| 2 | a \\| b\n\nDone.";
  expect(format(markdown)).toBe(
    "Open:\n```\nid    | who\n------|------\nOPS-1 | Lee\n2     | a | b\n```\n\nDone.",
  );
});

test("while a text grows, what stands before its last paragraph does not change", () => {
  const bits = [
    "word ",
    "`code` ",
    "@here ",
    "[a](https://a.com) ",
    "| x |\n|---|\n| y |\n",
    "\n\n",
    "```\nz\n```\n",
  ];
  assert(
    property(array(constantFrom(...bits)), nat(), (pieces, cut) => {
      const whole = pieces.join("");
      const part = whole.slice(0, cut % (whole.length + 1));
      const settled = part.lastIndexOf("\n\n");
      if (settled === -1 || (part.slice(0, settled).split("```").length - 1) % 2 === 1) return;
      const shown = format(part.slice(0, settled));
      expect(format(part).startsWith(shown)).toBe(true);
      expect(format(whole).startsWith(shown)).toBe(true);
    }),
  );
});
