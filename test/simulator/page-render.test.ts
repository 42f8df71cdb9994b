import { array, assert, boolean, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";

import { type Dialect, render } from "../../simulator/page/render.ts";

const PLAIN: Dialect = { token: /<@[A-Z0-9]+>/g, read: readToken, entities: false };
const SLACK: Dialect = { ...PLAIN, token: /<(?:@|https:)[^<>\s]*>/g, entities: true };

function readToken(token: string) {
  const target = token.slice(1, -1);
  return target.startsWith("https:")
    ? { text: target, href: target }
    : { text: `${target}'s "name" <b>` };
}

/** Every tag that the renderer may write, whole. */
const OWN =
  /^<(?:\/?(?:p|h[3-6]|blockquote|ul|strong|em|del|code|table|thead|tbody|tr|th|td|li|div|span|a|pre|ol)|br|hr|ol start="\d+"|pre tabindex="0"|li class="task"|span class="mention"|span role="img" aria-label="(?:not )?done"|div class="table" tabindex="0"|div class="footnote"|t[hd] class="(?:right|center)"|a href="(?:https?:\/\/|mailto:)[^"<>]*" target="_blank" rel="noopener noreferrer nofollow")>/;

function expectSafe(html: string): void {
  for (const { index } of html.matchAll(/</g)) expect(html.slice(index)).toMatch(OWN);
  expect(html.replaceAll(/<[^>]*>/g, "")).not.toMatch(/[<>"']/);
}

describe("a message's text as HTML", () => {
  test.each([
    ["**bold** and `code`", "<p><strong>bold</strong> and <code>code</code></p>"],
    ["one\ntwo", "<p>one<br>two</p>"],
    ["# Title", "<h3>Title</h3>"],
    ["<div>\n**x**", "<p>&lt;div&gt;<br><strong>x</strong></p>"],
    ["- a\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
    ["```js\nif (a < b) {}\n```", '<pre tabindex="0"><code>if (a &lt; b) {}</code></pre>'],
    ["    four spaces", "<p>four spaces</p>"],
    [
      "[x](https://example.com/?a=1&b=2)",
      '<p><a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">x</a></p>',
    ],
    [
      "- [x] done",
      '<ul><li class="task"><span role="img" aria-label="done">☑</span><p>done</p></li></ul>',
    ],
    [
      "| a | b |\n|---|--:|\n| 1 | 2 |",
      '<div class="table" tabindex="0"><table><thead><tr><th>a</th><th class="right">b</th></tr></thead><tbody><tr><td>1</td><td class="right">2</td></tr></tbody></table></div>',
    ],
  ])("shows %j as Markdown", (source, html) => {
    expect(render(source, PLAIN)).toBe(html);
  });

  test.each([
    "<script>alert(1)</script>",
    "text <img src=x onerror=alert(1)> text",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>1</script>)",
    "[x](vbscript:x) [y](file:///etc/passwd) [z](//example.com)",
    "[x]\n\n[x]: javascript:alert(1)",
    '[x](https://example.com/" onmouseover="alert(1))',
    '![" onerror="alert(1)](javascript:alert(1))',
    "<https://example.com/\"onclick='x'>",
    '```" onclick="x\n<b>\n```',
    "`<b>`",
    '| <b> |\n|---|\n| "<i> |',
    "[^1]\n\n[^1]: <b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<@U1> `<@U1>` [<@U1>](https://example.com/<@U1>)",
    "\uE0000\uE001 \uE0009\uE001",
    `${"> ".repeat(2_000)}<b>`,
    `${"[".repeat(2_000)}<b>`,
    "*<b> ".repeat(1_000),
  ])("keeps %j harmless", (source) => {
    for (const dialect of [PLAIN, SLACK]) {
      const html = render(source, dialect);
      expectSafe(html);
      expect(html).not.toMatch(/href="(?!https?:\/\/|mailto:)/);
    }
  });

  test("lets no mark of any message through, in whatever order the marks come", () => {
    const pieces = constantFrom(
      ..."<>&\"`*_~[]()!|\\#-+=: \n\t@1aZ0'\uE000\uE001".split(""),
      "<@U1>",
      "<https://e.com/>",
      "&lt;",
      "&#60;",
      "javascript:",
      "https://e.com/",
      "- [ ] ",
      "|-|\n",
      "```",
      "<b onclick=",
    );
    assert(
      property(array(pieces, { maxLength: 60 }), boolean(), (parts, slack) => {
        expectSafe(render(parts.join(""), slack ? SLACK : PLAIN));
      }),
      { numRuns: 400 },
    );
  });

  test("decodes Slack's entities in text and in code, and nothing on Discord", () => {
    expect(render("a &lt; b `&amp;&lt;`", SLACK)).toBe("<p>a &lt; b <code>&amp;&lt;</code></p>");
    expect(render("a &lt; b `&lt;`", PLAIN)).toBe("<p>a &amp;lt; b <code>&amp;lt;</code></p>");
  });

  test("takes an entity that spells a mention for text", () => {
    expect(render("&lt;@U1&gt;", SLACK)).toBe("<p>&lt;@U1&gt;</p>");
  });
});
