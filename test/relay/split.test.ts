import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createSplitter, splitMarkdown } from "../../src/relay/split.ts";
import { anything, document, graphemes, limit, table, token, word } from "./split/documents.ts";
import { rebuilds } from "./split/rebuild.ts";
import { codeIn, seen } from "./split/rendering.ts";

function segments(text: string): string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}

describe("for any text and any limit", () => {
  test("the parts are the text, each within the limit and none empty", () => {
    fc.assert(
      fc.property(anything, limit, (text, room) => {
        const parts = splitMarkdown(text, room);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(room);
          expect(part.trim()).not.toBe("");
        }
        expect(rebuilds(text, parts)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("only the last part changes when the text grows", () => {
    fc.assert(
      fc.property(
        anything,
        limit,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (text, room, share) => {
          const settled = splitMarkdown(text.slice(0, Math.floor(text.length * share)), room).slice(
            0,
            -1,
          );
          expect(splitMarkdown(text, room).slice(0, settled.length)).toEqual(settled);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("a splitter gives the same parts however the text arrives, also when it is replaced", () => {
    fc.assert(
      fc.property(
        anything,
        anything,
        limit,
        fc.integer({ min: 1, max: 400 }),
        (text, other, room, step) => {
          const splitter = createSplitter(room);
          for (let end = 0; end < text.length + step; end += step) {
            expect(splitter.split(text.slice(0, end))).toEqual(
              splitMarkdown(text.slice(0, end), room),
            );
          }
          expect(splitter.split(other)).toEqual(splitMarkdown(other, room));
        },
      ),
    );
  });

  test("no surrogate pair and no grapheme is torn", () => {
    fc.assert(
      fc.property(
        fc.array(graphemes, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 40, max: 300 }),
        (clusters, room) => {
          const text = clusters.join("");
          expect(splitMarkdown(text, room).flatMap(segments)).toEqual(segments(text));
        },
      ),
    );
  });
});

describe("for Markdown as models write it", () => {
  test("the parts show the same text and the same code in the same language as the whole", () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 150, max: 2000 }), (text, room) => {
        expect(seen(splitMarkdown(text, room))).toEqual(seen([text]));
      }),
      { numRuns: 250 },
    );
  });

  test("every code block of every part is fenced and closed, also while the text is still arriving", () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 150, max: 2000 }), fc.nat(), (text, room, cut) => {
        for (const part of splitMarkdown(text.slice(0, cut % (text.length + 1)), room)) {
          for (const fenced of codeIn(part))
            expect(fenced).toMatch(/^(`{3,}|~{3,})[^]*\n[ \t]*\1[`~]*$/);
        }
      }),
      { numRuns: 250 },
    );
  });

  test("links, mentions, code spans and strong text are never torn", () => {
    const words = fc.array(fc.oneof(word, token), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        words,
        fc.constantFrom(" ", "\n"),
        fc.integer({ min: 60, max: 400 }),
        (pieces, space, room) => {
          const parts = splitMarkdown(pieces.join(space), room);
          for (const piece of pieces.filter((text) => /[[<`*\\/]/.test(text))) {
            const count = (text: string): number => text.split(piece).length - 1;
            expect(parts.map(count).reduce((sum, n) => sum + n)).toBe(count(pieces.join(space)));
          }
        },
      ),
    );
  });

  test("a list item or table that fits a part is never torn", () => {
    const item = fc
      .array(word, { minLength: 1, maxLength: 12 })
      .map((words) => words.join(" ").slice(0, 100).trim());
    const rows = table.filter((text) => text.length < 300);
    const items = fc
      .array(item, { minLength: 1, maxLength: 20 })
      .map((texts) => texts.map((text) => `- ${text}`));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(items, fc.tuple(rows)), { minLength: 1, maxLength: 6 }),
        (blocks) => {
          const parts = splitMarkdown(blocks.map((lines) => lines.join("\n")).join("\n\n"), 300);
          for (const line of blocks.flat())
            expect(parts.some((part) => part.includes(line))).toBe(true);
        },
      ),
    );
  });
});
