import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import type { Fault, Faults } from "../faults.ts";
import type { Changes } from "./changes.ts";
import { type Limiter, tooMany, type Verdict } from "./limits.ts";
import { refuse, Refusal } from "./refusal.ts";
import { readBody } from "./request-body.ts";
import type { Answer, Call, Route } from "./router.ts";

/** Milliseconds that every answer takes, or a function that says so for each. */
export type Latency = number | ((operation: string, conversation: string) => number);

interface Options {
  readonly routes: readonly Route[];
  readonly token: string;
  readonly faults: Faults;
  readonly limiter: Limiter;
  readonly changes: Changes;
  readonly latency: Latency;
  /** Ends every wait when the simulator closes. */
  readonly signal: AbortSignal;
}

/** What goes over the wire; undefined where the connection is cut instead. */
type Wire = (Answer & { readonly headers?: Readonly<Record<string, string>> }) | undefined;

/** The REST API, v10: one request from its arrival to its answer. */
export function createRest({ routes, token, faults, limiter, changes, latency, signal }: Options) {
  const perform = async (
    fault: Fault | undefined,
    verdict: Verdict,
    carryOut: (headers: Verdict["headers"]) => Wire,
  ): Promise<Wire> => {
    switch (fault?.type) {
      case "rate_limited":
        return limited(tooMany(fault.retryAfter, false, verdict.headers));
      case "server_error":
        return { status: fault.status };
      case "reset_before":
        return undefined;
      case "error":
        return refusal(refuse(fault.code));
      case "reset_after":
        carryOut({});
        return undefined;
      case "slow": {
        const answer = carryOut(verdict.headers);
        await sleep(fault.ms, undefined, { signal });
        return answer;
      }
      case undefined:
        return verdict.exceeded === undefined ? carryOut(verdict.headers) : limited(verdict);
    }
  };

  return async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    const at = Date.now();
    const method = request.method ?? "GET";
    const path = decodeURIComponent(url.pathname).replace(/^\/api\/v10(?=\/)/, "");
    const { body, files } = await readBody(request);
    const found = find(routes, method, path);
    const operation = found?.route.operation ?? `${method} ${path}`;
    const conversation = operation.includes(" /channels/:id") ? (found?.ids[0] ?? "") : "";
    const wait = typeof latency === "number" ? latency : latency(operation, conversation);
    if (wait > 0) await sleep(wait, undefined, { signal });

    const call = { body, files, query: url.searchParams };
    const wire = await (found === undefined
      ? refusal(refuse(404))
      : !operation.includes("/:token") && request.headers.authorization !== `Bot ${token}`
        ? refusal(refuse(0))
        : perform(
            faults.decide(operation, conversation),
            limiter(operation, conversation),
            (headers) => act(found.route, call, found.ids, headers),
          ));
    send(response, wire);
    const status = wire?.status ?? 0;
    const record = { at, operation, path, conversation, body, status };
    changes.emit({ type: "called", call: record });
  };
}

function act(
  route: Route,
  call: Call<unknown>,
  ids: readonly string[],
  headers: Readonly<Record<string, string>>,
): Wire {
  try {
    return { ...route.handle(call, ...ids), headers };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...refusal(error), headers };
  }
}

function find(routes: readonly Route[], method: string, path: string) {
  for (const route of routes) {
    const ids = route.match(method, path);
    if (ids !== undefined) return { route, ids };
  }
  return undefined;
}

function limited({ headers, exceeded }: Verdict): Wire {
  const { retryAfter = 0, global = false } = exceeded ?? {};
  const body = { message: "You are being rate limited.", retry_after: retryAfter, global };
  return { status: 429, body, headers };
}

function refusal({ status, message, code, errors }: Refusal): Answer {
  return { status, body: { message, code, ...(errors !== undefined && { errors }) } };
}

function send(response: ServerResponse, wire: Wire): void {
  if (wire === undefined) {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers = {}, body } = wire;
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { ...headers, "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
