import { expect, test } from "vitest";

import { proxyFor } from "../src/proxy.ts";

const proxy = { url: "http://proxy.example:3128", except: "corp.example, .internal" };

test.each([
  ["https://slack.com/api/", proxy.url],
  ["https://api.openai.com/v1", proxy.url],
  ["https://llm.corp.example/v1", undefined],
  ["https://a.internal/", undefined],
  ["https://notcorp.example/", proxy.url],
  ["http://127.0.0.1:11434/v1", undefined],
  ["http://localhost:3000/api/", undefined],
  ["http://[::1]:3000/", undefined],
])("%s goes through %s", (url, expected) => {
  expect(proxyFor(url, proxy)).toBe(expected);
  expect(proxyFor(url, undefined)).toBeUndefined();
});
