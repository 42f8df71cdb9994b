import { createServer } from "node:http";

import { z } from "zod";

import { messageOf } from "../errors.ts";
import { type Finding, findingsIn } from "./finding.ts";

const { ok, warn, fault } = findingsIn("http");

export interface Listening {
  readonly host: string;
  readonly port: number;
}

/** Whether the bot could listen, or does already. */
export async function checkHttp(listening: Listening, signal: AbortSignal): Promise<Finding[]> {
  const { host, port } = listening;
  if (port === 0) return [ok("port-any", `It will listen on a free port of ${host}.`)];
  const error = await tryToListen(listening);
  if (error === undefined) return [ok("port-free", `It will listen on ${urlOf(listening)}.`)];
  switch ("code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return [await explainTaken(listening, signal)];
    case "EACCES":
      return [
        fault(
          "port-forbidden",
          `PORT ${port} may not be used by this user.`,
          "In .env: PORT=3000, or any other above 1023",
        ),
      ];
    default:
      return [
        fault(
          "host-unusable",
          `HOST ${host} cannot be listened on: ${messageOf(error)}.`,
          "In .env: HOST=127.0.0.1 (this machine alone) or HOST=0.0.0.0 (everybody who reaches it)",
        ),
      ];
  }
}

/** Where the server listens; an address for all interfaces is reached on this machine. */
export function urlOf({ host, port }: Listening): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

async function tryToListen({ host, port }: Listening): Promise<Error | undefined> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  server.once("error", resolve);
  server.listen(port, host, () => server.close(() => resolve(undefined)));
  return promise;
}

/** What /readyz answers; by platform, and the store. */
const Readiness = z.object({ store: z.boolean() }).catchall(z.boolean());

/** Milliseconds. */
const TIMEOUT = 2_000;

/** Only Patchbay itself answers at /readyz like that. */
async function explainTaken(listening: Listening, signal: AbortSignal): Promise<Finding> {
  const url = urlOf(listening);
  try {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    const response = await fetch(`${url}/readyz`, { signal: soon });
    const parts = Object.entries(Readiness.parse(await response.json()));
    const down = parts.flatMap(([name, ready]) => (ready ? [] : [name]));
    if (down.length === 0)
      return ok("bot-running", `Patchbay is running at ${url}, and everything is connected.`);
    return warn(
      "bot-not-ready",
      `Patchbay is running at ${url}, but not connected: ${down.join(", ")}.`,
      "Its log says why; what is found here may too.",
    );
  } catch {
    return fault(
      "port-taken",
      `PORT ${listening.port} is taken by another program.`,
      "Stop that program, or in .env: PORT=… with a free one",
    );
  }
}
