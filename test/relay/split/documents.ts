import * as fc from "fast-check";

export const graphemes = fc.constantFrom(
  "😀",
  "👩‍👩‍👧‍👦",
  "👍🏽",
  "🇦🇹",
  "e\u0301",
  "n\u0303\u0323",
  "한",
  "中",
  "ש",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
);
export const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("a", "deploy", "Zürich", "rollback.", "why?", "über-long", "x_y"),
  },
  { weight: 1, arbitrary: graphemes },
);
export const token = fc.constantFrom(
  '[the runbook](https://run.example/a "Run it")',
  "[logs](https://logs.example/q?x=1)",
  "<https://a.example/x>",
  "https://b.example/a/b?c=d",
  "<@U0123>",
  "<#C1>",
  "<:party:12345>",
  "`npm run x`",
  "``a ` b``",
  "**bold words here**",
  "\\<@U9>",
);
const sentence = fc
  .array(fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: token }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((words) => words.join(" "));
const marker = fc.constantFrom("```", "````", "``````", "~~~", "~~~~~");
const code = fc.array(
  fc.oneof(
    fc.constantFrom("", "  indented()", "const a = 1", "# comment", "| x |", "- y", "``"),
    word.map((text) => text.repeat(12)),
  ),
  { maxLength: 30 },
);
const language = fc.constantFrom("", "js", "python", "c++ title=x");

function fenced(mark: string, info: string, lines: readonly string[], indent = ""): string {
  return [`${mark}${info}`, ...lines, mark]
    .map((line) => (line === "" ? line : indent + line))
    .join("\n");
}

/** Longer fences hold shorter ones. */
const fence = fc.tuple(marker, language, code).map(([mark, info, lines]) => {
  const inner = mark === "```" ? [] : ["```sh", ...lines, "```"];
  return fenced(mark, info, [...lines, ...inner]);
});
const list = fc
  .tuple(
    fc.constantFrom("-", "1."),
    fc.array(fc.tuple(sentence, fc.option(sentence), fc.option(code)), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([bullet, items]) =>
    items
      .map(([text, nested, lines]) => {
        const indent = " ".repeat(bullet.length + 1);
        const inner = nested === null ? [] : [`${indent}- ${nested}`];
        const block = lines === null ? [] : ["", fenced("```", "sh", lines, `${indent}  `)];
        return [`${bullet} ${text}`, ...inner, ...(inner.length > 0 ? block : [])].join("\n");
      })
      .join("\n"),
  );
export const table = fc
  .array(fc.tuple(word, word), { minLength: 1, maxLength: 12 })
  .map((rows) =>
    ["| name | state |", "|---|:-:|", ...rows.map((cells) => `| ${cells.join(" | ")} |`)].join(
      "\n",
    ),
  );
const block = fc.oneof(
  sentence,
  sentence.map((text) => `## ${text.slice(0, 30).trim()}`),
  fence,
  list,
  table,
);
export const document = fc
  .array(block, { minLength: 1, maxLength: 8 })
  .map((blocks) => blocks.join("\n\n"));

/** Anything: unclosed and nested fences, quotes, torn pairs of surrogates, runs without a space. */
export const anything = fc
  .array(
    fc.oneof(
      document,
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom(
        " ",
        "\n",
        "\n\n",
        "   \n",
        "\r\n",
        "\t",
        "`",
        "```",
        "~~~~\n",
        "```js\n",
        "\n```",
        "> ",
        "\n> ```\n",
        "\n1. ```\n",
      ),
      fc.constantFrom(
        "[",
        "](",
        "](x",
        "<",
        "<@",
        "**",
        "|",
        "\n|---|\n",
        "\\",
        "\ud83d",
        "\ude00",
        "\u0301",
        " \u0301",
      ),
      fc.tuple(word, fc.integer({ min: 1, max: 300 })).map(([text, count]) => text.repeat(count)),
      fc.integer({ min: 1, max: 200 }).map((count) => `\n\`\`\`${"i".repeat(count)}\nx\n`),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""));
export const limit = fc.oneof(
  fc.integer({ min: 40, max: 200 }),
  fc.integer({ min: 200, max: 2000 }),
  fc.constant(12_000),
);
