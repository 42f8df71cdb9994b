import { describe, expect, test } from "vitest";

import { createSplitter, splitMarkdown } from "../../src/relay/split.ts";

describe("cuts", () => {
  const line = "const total = add(1, 2);";

  test("a code block that is cut is closed, and reopened in its language", () => {
    const text = `Here:\n\n~~~~ts title="a"\n${`${line}\n`.repeat(8)}~~~~\n\nDone.`;
    const parts = splitMarkdown(text, 130);
    const half = `~~~~ts title="a"\n${Array.from({ length: 4 }, () => line).join("\n")}\n~~~~`;
    expect(parts).toEqual([`Here:\n\n${half}`, `${half}\n\nDone.`]);
  });

  test("an info string that is too long to repeat gives way to its first word, then to nothing", () => {
    const body = `${line}\n`.repeat(10);
    const reopenings = (info: string): (string | undefined)[] =>
      splitMarkdown(`\`\`\`${info}\n${body}\`\`\``, 160)
        .slice(1)
        .map((part) => part.split("\n")[0]);
    expect(new Set(reopenings(`js ${"x".repeat(40)}`))).toEqual(new Set(["```js"]));
    expect(new Set(reopenings("y".repeat(500)))).toEqual(new Set(["```"]));
  });

  test("a code block that has not ended is closed in the part that is shown", () => {
    expect(splitMarkdown("Look:\n```js\nlet a", 200)).toEqual(["Look:\n```js\nlet a\n```"]);
    expect(splitMarkdown("Look:\n```js\nlet a\n``", 200)).toEqual(["Look:\n```js\nlet a\n```"]);
    expect(splitMarkdown("Look:\n```js\nlet a\n```\nSo", 200)).toEqual([
      "Look:\n```js\nlet a\n```\nSo",
    ]);
  });

  test("a code block whose closing line just fits stays in one part, and one beyond it leaves no empty block", () => {
    const exact = `\`\`\`\n${"x".repeat(92)}\n\`\`\``;
    for (let end = 1; end <= exact.length; end += 1)
      expect(splitMarkdown(exact.slice(0, end), 100)).toHaveLength(1);
    const longer = `\`\`\`\n${"x".repeat(45)}\n${"y".repeat(46)}\n\n\n\`\`\`\nEnd`;
    expect(splitMarkdown(longer, 100)).toEqual([
      `\`\`\`\n${"x".repeat(45)}\n${"y".repeat(46)}\n\`\`\``,
      "End",
    ]);
  });

  test("a closing line longer than its marker that just does not fit takes a line of code with it", () => {
    const code = `${"x".repeat(45)}\n${"y".repeat(45)}`;
    expect(splitMarkdown(`\`\`\`\n${code}\n\`\`\`\`\`\nEnd`, 100)).toEqual([
      `\`\`\`\n${"x".repeat(45)}\n\`\`\``,
      `\`\`\`\n${"y".repeat(45)}\n\`\`\`\`\`\nEnd`,
    ]);
  });

  test("a part that begins with a nested item has it at the left margin, and later lists as they were", () => {
    const text = `- ${"a".repeat(60)}\n    - ${"b".repeat(60)}\n    - c\n- d\n    - e`;
    expect(splitMarkdown(text, 100)[1]).toBe(`- ${"b".repeat(60)}\n- c\n- d\n    - e`);
  });

  test("a space that carries a combining mark is not taken for white space", () => {
    const text = `${"word ".repeat(9)} \u0301end`;
    expect(splitMarkdown(text, 46).at(-1)).toBe(" \u0301end");
  });

  test("code in a list item goes on at the left margin", () => {
    const text = `1. Run\n\n    \`\`\`sh\n${"    make all\n".repeat(12)}    \`\`\`\n2. Wait`;
    const [, second = ""] = splitMarkdown(text, 100);
    expect(second).toMatch(/^```sh\nmake all\n/);
  });

  test("a heading goes with what it stands over", () => {
    const [first, second] = splitMarkdown(
      `${"Words here. ".repeat(6)}\n\n## Next\n\n${"More words. ".repeat(5)}`,
      100,
    );
    expect(first).toBe("Words here. ".repeat(6).trim());
    expect(second).toMatch(/^## Next\n\nMore/);
  });

  test("a table that fits a part is moved, and one that does not is cut between rows", () => {
    const rows = Array.from({ length: 12 }, (_, row) => `| row ${row} | ${"v".repeat(10)} |`);
    const text = `Short.\n\n${["| a | b |", "|---|---|", ...rows].join("\n")}`;
    expect(splitMarkdown(text, 300)[1]).toBe(text.slice("Short.\n\n".length));
    const cut = splitMarkdown(text, 120);
    expect(cut[0]).toBe("Short.");
    expect(cut.slice(1).join("\n")).toBe(text.slice("Short.\n\n".length));
  });

  test("long text is cut after a sentence, else at a word", () => {
    expect(splitMarkdown("One two three four five six. Seven eight nine ten.", 40)[0]).toBe(
      "One two three four five six.",
    );
    expect(splitMarkdown("One two three four five six seven eight nine ten", 40)[0]).toBe(
      "One two three four five six seven eight",
    );
  });

  test("no part begins with what would make it a heading, a list or a code block", () => {
    expect(splitMarkdown("The count of the issues that are open is # 12 now", 44)[1]).not.toMatch(
      /^#/,
    );
    expect(splitMarkdown("The result of the whole of this sum is 12 - 3 ok", 42)[1]).not.toMatch(
      /^-/,
    );
  });

  test("empty text has no parts, and a limit without room is refused", () => {
    expect(splitMarkdown("", 100)).toEqual([]);
    expect(splitMarkdown(" \n\t\u00a0\n ", 100)).toEqual([]);
    expect(() => splitMarkdown("a", 39)).toThrow("got 39");
    expect(() => createSplitter(Number.NaN)).toThrow(RangeError);
  });

  test("hostile texts take time in proportion to their length", { timeout: 20_000 }, () => {
    const hostile = [
      "`",
      "[",
      "[a](",
      "a",
      "<a",
      "\\- ",
      "> ",
      "** a",
      "a``b ",
      "```js\nx\n",
      "1. ",
      "|a|\n",
      "中文",
      "🇦🇧",
      "\u0301",
      "- a\n",
    ];
    const texts = hostile.map((piece) => piece.repeat(200_000 / piece.length));
    texts.push(
      `a${" ".repeat(200_000)}b`,
      `\`\`\`\n${"\n".repeat(200_000)}x`,
      `\`\`\`${"i".repeat(200_000)}`,
    );
    for (const text of texts) {
      for (const room of [40, 1900, 12_000]) {
        for (const part of splitMarkdown(text, room)) expect(part.length <= room).toBe(true);
      }
    }
  });
});
