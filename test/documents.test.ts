import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { Environment } from "../src/environment.ts";

const read = (name: string): Promise<string> =>
  readFile(new URL(`../${name}`, import.meta.url), "utf8");
const variables = Object.keys(Environment.shape).toSorted();

test("README.md's table names exactly the variables that are read", async () => {
  const rows =
    (await read("README.md"))
      .split("## Configuration")[1]
      ?.split("\n## ")[0]
      ?.match(/^\| [A-Z].*$/gm) ?? [];
  const named = rows.flatMap((row) => row.split("|")[1]?.match(/[A-Z][A-Z_]+/g) ?? []);
  expect(named.toSorted()).toEqual(variables);
});

test(".env.example sets exactly the variables that are read, beside those of the tools", async () => {
  const named = (await read(".env.example")).match(/^[A-Z][A-Z_]+(?==)/gm) ?? [];
  expect(named.toSorted()).toEqual(variables);
});

test("every file and folder that ARCHITECTURE.md names exists", async () => {
  const text = await read("ARCHITECTURE.md");
  const paths = [...text.matchAll(/`((?:src|adapters|tools|simulator|test)\/[\w./-]*)`/g)].map(
    (match) => match[1] ?? "",
  );
  expect(paths.length).toBeGreaterThan(15);
  const { access } = await import("node:fs/promises");
  await Promise.all(paths.map((path) => access(new URL(`../${path}`, import.meta.url))));
});
