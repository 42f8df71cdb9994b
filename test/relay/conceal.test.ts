import { assert, nat, property, string } from "fast-check";
import { expect, test } from "vitest";

import { conceal } from "../../src/relay/conceal.ts";

const SECRET = "xoxb-1234567890-secret";
/** The shortest beginning that must not show. */
const TELLING = SECRET.slice(0, 5);

test("a secret never shows, however the text is cut into deltas; only a harmless beginning may", () => {
  assert(
    property(string(), string(), nat(80), (before, after, cut) => {
      const text = `${before}${SECRET}${after}`;
      expect(conceal(text.slice(0, cut), [SECRET], false)).not.toContain(TELLING);
      expect(conceal(text, [SECRET], true)).not.toContain(SECRET);
    }),
  );
});

test("what only looked like a secret is shown in the end", () => {
  expect(conceal("the token begins with xoxb-12", [SECRET], false)).toBe("the token begins with ");
  expect(conceal("the token begins with xoxb-12", [SECRET], true)).toBe(
    "the token begins with xoxb-12",
  );
});
