import { readFile } from "node:fs/promises";

import { z } from "zod";

import { isEnvironment, tell, type Deployment, type Question } from "./deployments.ts";
import { nearest } from "./nearest.ts";

const exported = z.array(
  z.object({
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    state: z.string(),
    at: z.string(),
    by: z.string(),
    url: z.string(),
  }),
);

/** Answers from the demo's file; a text with the nearest names where it has no such service. */
export async function findInDemo(
  { service, environment }: Question,
  file: URL,
  signal: AbortSignal,
): Promise<Deployment | string> {
  const all = exported.parse(JSON.parse(await readFile(file, { encoding: "utf8", signal })));
  const found = all.filter(
    (one) =>
      one.service === service.toLowerCase() &&
      (environment === undefined || isEnvironment(one.environment, environment)),
  );
  const near = nearest(
    service,
    all.map((one) => one.service),
  );
  const where = environment === undefined ? "" : ` in ${environment}`;
  const told = tell(found);
  if (told !== undefined)
    return { ...told, message: "These are demo data: no deployment system is set up." };
  return `There is no deployment of ${service}${where} among the demo's. The nearest names are ${near.join(", ")}.`;
}
