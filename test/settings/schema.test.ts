import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { makeSchema } from "../../src/settings/make-schema.ts";
import { parse } from "./settings-text.ts";

const fileAtRoot = (name: string): Promise<string> =>
  readFile(new URL(`../../${name}`, import.meta.url), "utf8");

/** Every key that the schema knows, with what it says about the key. */
function keysOf(node: unknown, isProperties = false): [name: string, description: unknown][] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, held]: [string, unknown]) => {
    const inner = keysOf(held, !isProperties && name === "properties");
    const told = typeof held === "object" && held !== null && "description" in held;
    return isProperties ? [[name, told ? held.description : undefined], ...inner] : inner;
  });
}

test("the committed patchbay.schema.json is what the schema makes", async () => {
  expect(JSON.parse(await fileAtRoot("patchbay.schema.json"))).toEqual(makeSchema());
});

test("editors have a description for every key", () => {
  const keys = keysOf(makeSchema());
  expect(keys.length).toBeGreaterThan(20);
  expect(keys.filter(([, description]) => typeof description !== "string")).toEqual([]);
});

test("patchbay.example.yml shows every key, has no fault, and leads editors to the schema", async () => {
  const text = await fileAtRoot("patchbay.example.yml");
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/patchbay\.schema\.json\n/);
  const names = keysOf(makeSchema()).map(([name]) => name);
  expect(names.filter((name) => !new RegExp(`\\b${name}:`).test(text))).toEqual([]);
  expect((await parse(text)).assistants.map(({ key }) => key)).toEqual(["default", "oncall"]);
});
