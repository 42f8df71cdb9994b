import { expect, test } from "vitest";
import {
  createFaults,
  randomFaults,
  rateLimited,
  refused,
  resetAfter,
  serverError,
} from "../../simulator/faults.ts";

test("ordered faults come once each and in order, standing ones until they are cleared", () => {
  const faults = createFaults();
  faults.next("chat.update", serverError());
  faults.next({ operation: "chat.update", conversation: "C1" }, rateLimited(2), 2);
  faults.always((call) => call.n > 4, refused("fatal_error"));
  const met = Array.from({ length: 5 }, () => faults.decide("chat.update", "C1")?.type);
  expect(met).toEqual(["server_error", "rate_limited", "rate_limited", undefined, "error"]);
  expect(faults.decide("chat.update", "C2")).toBeUndefined();
  faults.clear();
  expect(faults.decide("chat.update", "C1")).toBeUndefined();
});

test("random faults depend on the seed and the call, not on what runs beside it", () => {
  expect(outcome(1, ["C1", "C2", "C3"])).toEqual(outcome(1, ["C1"]));
  expect(outcome(1, ["C1"])).not.toEqual(outcome(2, ["C1"]));
  expect(new Set(outcome(1, ["C1"]))).toEqual(new Set([undefined, "server_error", "reset_after"]));
});

/** What befalls the first conversation while the others run beside it. */
function outcome(seed: number, conversations: readonly string[]): (string | undefined)[] {
  const faults = createFaults();
  faults.decideBy(randomFaults(seed, 0.5, [serverError(), resetAfter()]));
  const met = Array.from({ length: 40 }, () =>
    conversations.map((conversation) => faults.decide("chat.update", conversation)?.type),
  );
  return met.map(([first]) => first);
}
