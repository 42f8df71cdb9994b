import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { format } from "../../adapters/slack/format.ts";
import { read } from "../../adapters/slack/markdown.ts";

const FENCE = "```";
const TOKENS = [
  "<!channel>",
  "<@U0ANA>",
  "<https://e.example|b>",
  "<",
  ">",
  "!here>",
  "<pre>",
  "</pre>",
];
const MARKS = [
  "`",
  "``",
  FENCE,
  "~~~",
  "\n",
  "\n\n",
  "- ",
  "> ",
  "    ",
  "\\",
  "|",
  "[",
  "](",
  ")",
  " ",
];
const PIECES = [
  ...TOKENS,
  ...MARKS,
  `\n${FENCE}\n<!here>\n${FENCE}\n`,
  "<https://e.example/`>",
  "a.example",
  "https://e.example",
  "x",
];

describe("nothing that a model writes reaches people as a ping", () => {
  test.each([
    ["<!channel> <!here> <!everyone>", "&lt;!channel&gt; &lt;!here&gt; &lt;!everyone&gt;"],
    ["<@U0ANA> <#C0OPS> <!subteam^S1>", "&lt;@U0ANA&gt; &lt;#C0OPS&gt; &lt;!subteam^S1&gt;"],
    ["<https://evil.example|bank.example>", "https://evil.example|bank.example"],
    ["[a](<!channel>)", "[a](!channel)"],
    ["\\<!channel>", "\\&lt;!channel&gt;"],
    ["an open `<!channel>", "an open `&lt;!channel&gt;"],
    ["\\`<!channel>\\`", "\\`&lt;!channel&gt;\\`"],
    [`${FENCE}\ncode\n${FENCE}\n<!here>`, `${FENCE}\ncode\n${FENCE}\n&lt;!here&gt;`],
    [`- ${FENCE}\n  code\n  ${FENCE}\n<!here>`, `- ${FENCE}\n  code\n  ${FENCE}\n&lt;!here&gt;`],
    [
      `<pre>\n${FENCE}\n</pre>\n${FENCE}\n<!here>`,
      `&lt;pre&gt;\n${FENCE}\n</pre>\n${FENCE}\n&lt;!here&gt;`,
    ],
    ["| `a | <!here>` |\n|---|---|", "| `a | &lt;!here>` |\n|---|---|"],
    ["    <!here>", "    &lt;!here>"],
    [
      `<https://e.example/\`>\`\`\n${FENCE}\n<!here>\n${FENCE}`,
      `https://e.example/\`\`\`\n${FENCE}\n&lt;!here>\n${FENCE}`,
    ],
    ["@channel @here @everyone", "@channel @here @everyone"],
    ["&lt;!channel&gt; & co", "&lt;!channel&gt; & co"],
  ])("%j", (markdown, shown) => {
    expect(format(markdown)).toBe(shown);
  });
});

describe("a link says where it leads", () => {
  test.each([
    ["[docs](https://x.example/a)", "[docs](https://x.example/a)"],
    ["[https://x.example](https://x.example/a)", "[https://x.example](https://x.example/a)"],
    ["[x.example](https://docs.x.example/a)", "[x.example](https://docs.x.example/a)"],
    ["[bank.example](https://evil.example)", "bank.example (https://evil.example)"],
    [
      "[bank.example](https://bank.example.evil.example)",
      "bank.example (https://bank.example.evil.example)",
    ],
    [
      "[bank.example](https://bank.example@evil.example)",
      "bank.example (https://bank.example@evil.example)",
    ],
    [
      "[see **bank.example**][r]\n\n[r]: https://evil.example",
      "see bank.example (https://evil.example)\n\n[r]: https://evil.example",
    ],
    ["![bank.example](https://evil.example/p.png)", "bank.example (https://evil.example/p.png)"],
    ["[app.ts](https://git.example/app.ts)", "[app.ts](https://git.example/app.ts)"],
    ["<https://x.example> <mail@x.example>", "https://x.example mail@x.example"],
    ["[mail@x.example](mailto:mail@x.example)", "[mail@x.example](mailto:mail@x.example)"],
  ])("%j", (markdown, shown) => {
    expect(format(markdown)).toBe(shown);
  });
});

describe("everything else stays as the model wrote it", () => {
  test.each([
    "# Title\n\n**bold**, *italic*, ~~gone~~, 1 & 2\n\n- one\n- two",
    "> quoted\n> > twice\n- > in a list",
    "`List<String>` and `a -> b`",
    `${FENCE}ts\nconst a: Map<string, number> = b;\n<!here>\n${FENCE}`,
    `${FENCE}html\n<!doctype html>\n<p>still being written`,
  ])("%j", (markdown) => {
    expect(format(markdown)).toBe(markdown);
  });

  test("a comparison outside code is escaped and still reads as one", () => {
    expect(format("a < b -> c")).toBe("a &lt; b -&gt; c");
  });
});

test("however a text grows, no prefix of it shows a token outside code", () => {
  const texts = array(constantFrom(...PIECES), { maxLength: 14 });
  assert(
    property(texts, (pieces) => {
      const prefixes = pieces.map((_piece, index) => pieces.slice(0, index + 1).join(""));
      expect(prefixes.map(format).filter(isExposed)).toEqual([]);
    }),
    { numRuns: 1500 },
  );
});

/** A token of Slack's that a reader of Markdown, or one who only pairs up backticks, does not take for code. */
function isExposed(text: string): boolean {
  return [...text.matchAll(/<[@#!]|<https?:/g)].some(({ index }) => {
    const region = read(text).code.find(({ start, end }) => start <= index && index < end);
    return region?.certain !== true || !blindly(text, index);
  });
}

/** True where somebody who pairs up backticks without knowing Markdown finds code too. */
function blindly(text: string, index: number): boolean {
  const pairs = new RegExp(`${FENCE}[^]*?(?:${FENCE}|$)|\`[^\`\\n]*\``, "g");
  return [...text.matchAll(pairs)].some(
    (code) => code.index <= index && index < code.index + code[0].length,
  );
}
