import { expect, test } from "vitest";

import { createLanes } from "../../src/relay/lanes.ts";

test("the work of one key keeps its order, also after one that fails, and other keys do not wait", async () => {
  const lanes = createLanes();
  const done: string[] = [];
  const slow = Promise.withResolvers<void>();
  const first = lanes("a", async () => {
    await slow.promise;
    done.push("a1");
    throw new Error("no");
  });
  const second = lanes("a", async () => void done.push("a2"));
  await lanes("b", async () => void done.push("b1"));
  slow.resolve();
  await expect(first).rejects.toThrow("no");
  await second;
  expect(done).toEqual(["b1", "a1", "a2"]);
});
