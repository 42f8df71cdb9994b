import { Counter, Gauge, Histogram, Registry } from "prom-client";

import type { Observe } from "./relay/events.ts";

/** What /metrics tells, fed by the same events that the playground shows. */
export function createMetrics(): { registry: Registry; observe: Observe } {
  const registry = new Registry();
  const shared = { registers: [registry] };
  const received = new Counter({
    name: "patchbay_messages_received_total",
    help: "Messages of people that were committed.",
    ...shared,
  });
  const turns = new Counter({
    name: "patchbay_turns_total",
    help: "Turns by outcome.",
    labelNames: ["outcome"],
    ...shared,
  });
  const active = new Gauge({
    name: "patchbay_turns_active",
    help: "Turns under way in this process.",
    ...shared,
  });
  const calls = new Counter({
    name: "patchbay_tool_calls_total",
    help: "Tool calls.",
    labelNames: ["name", "ok"],
    ...shared,
  });
  const shown = new Counter({
    name: "patchbay_reply_calls_total",
    help: "Posts, edits and removals of reply parts.",
    labelNames: ["how"],
    ...shared,
  });
  const seconds = new Histogram({
    name: "patchbay_tool_seconds",
    help: "Duration of tool calls.",
    labelNames: ["name"],
    ...shared,
  });
  const observe: Observe = (event) => {
    switch (event.type) {
      case "started":
        return active.inc();
      case "ended":
        active.dec();
        return turns.inc({ outcome: event.outcome });
      case "tool_ended":
        seconds.observe({ name: event.name }, event.duration / 1_000);
        return calls.inc({ name: event.name, ok: String(event.ok) });
      case "shown":
        return shown.inc({ how: event.how });
      case "received":
        return received.inc();
      case "run":
      case "tool":
        return undefined;
    }
  };
  return { registry, observe };
}
