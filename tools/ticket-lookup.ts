import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { defineTool } from "patchbay/tool";
import { z } from "zod";

import { readTickets, type Ticket } from "./lib/tickets.ts";

const DEMO = fileURLToPath(new URL("demo/tickets.csv", import.meta.url));

export default defineTool({
  description:
    "Looks up a ticket of the team's tracker by its id: title, status, assignee, priority, last update.",
  parameters: z.object({
    id: z.string().trim().min(1).describe("The ticket's id, such as OPS-1."),
  }),
  settings: ["TICKETS_FILE"],
  async run({ id }, { settings, signal }) {
    const file = settings["TICKETS_FILE"] ?? DEMO;
    const tickets = readTickets(file, await readFile(file, { encoding: "utf8", signal }));
    const wanted = id.toUpperCase();
    const ticket = tickets.find((one) => one.id.toUpperCase() === wanted);
    if (ticket !== undefined) return ticket;
    const near = nearest(wanted, tickets).join(", ");
    return `There is no ticket ${id}.${near === "" ? " The export is empty." : ` The nearest ids are ${near}.`}`;
  },
});

function nearest(id: string, tickets: readonly Ticket[]): readonly string[] {
  return tickets
    .map((ticket) => ({ id: ticket.id, steps: distance(id, ticket.id.toUpperCase()) }))
    .toSorted((a, b) => a.steps - b.steps)
    .slice(0, 3)
    .map((one) => one.id);
}

/** How many letters have to be changed, added or taken away to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
