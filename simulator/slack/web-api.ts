import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Faults } from "../faults.ts";
import type { Limiter } from "./limits.ts";
import { assistant } from "./methods/assistant.ts";
import { chat } from "./methods/chat.ts";
import type { Context, Handlers } from "./methods/context.ts";
import { conversations } from "./methods/conversations.ts";
import { files } from "./methods/files.ts";
import { people } from "./methods/people.ts";
import { streams } from "./methods/streams.ts";
import { Refusal } from "./refusal.ts";
import type { Method } from "./requests.ts";
import { missingScope } from "./scopes.ts";
import { createValidator } from "./validate.ts";

const HANDLERS: Handlers<Method> = {
  ...assistant,
  ...chat,
  ...conversations,
  ...files,
  ...people,
  ...streams,
};

/** One call of a Web API method, as the journal keeps it. */
export interface CallRecord {
  readonly at: number;
  readonly method: string;
  readonly conversation: string;
  /** Without the token. */
  readonly args: Readonly<Record<string, unknown>>;
  fault?: Fault;
  /** Absent while the call is being answered, and for ever where the connection was reset. */
  answer?: Readonly<Record<string, unknown>> & { readonly ok: boolean };
}

interface ApiRequest {
  readonly method: string;
  readonly contentType: string;
  readonly token: string | undefined;
  readonly body: Buffer;
}

type ApiAnswer =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Readonly<Record<string, unknown>>;
    }
  | "reset";

/** A fixed time in milliseconds for every call, or one for each. */
export type Latency = number | ((call: CallRecord) => number);

interface WebApiOptions {
  readonly context: () => Context;
  readonly faults: Faults;
  readonly limiter: Limiter;
  readonly latency: Latency;
  readonly signal: AbortSignal;
}

export interface WebApi {
  readonly calls: readonly CallRecord[];
  answer(request: ApiRequest): Promise<ApiAnswer>;
}

export function createWebApi({ context, faults, limiter, latency, signal }: WebApiOptions): WebApi {
  const validator = createValidator();
  const calls: CallRecord[] = [];

  const wait = async (milliseconds: number): Promise<void> => {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal });
  };

  /** Everything that Slack does between reading a call and answering it. */
  const perform = (call: CallRecord, token: string | undefined): Awarded => {
    const { method } = call;
    if (!validator.isMethod(method)) throw new Refusal("unknown_method");
    checkToken(context(), method, token);
    const scope = missingScope(context().world, method, call.conversation);
    if (scope !== undefined) throw new Refusal("missing_scope", [`needed: ${scope}`]);
    const seconds = limiter(method, call.conversation);
    if (seconds !== undefined) return { retryAfter: seconds };
    return { body: serve(method, call.args) };
  };
  const serve = <M extends Method>(method: M, args: Readonly<Record<string, unknown>>) => {
    const handler: Handlers<Method>[M] = HANDLERS[method];
    // Bolt adds team_id to every call; Slack ignores it where it has no meaning.
    const { team_id: _team, token: _token, ...rest } = args;
    return handler(validator.check(method, rest), context());
  };

  return {
    calls,
    async answer({ method, contentType, token, body }) {
      const { token: inBody, ...args } = decode(validator, method, contentType, body.toString());
      const call: CallRecord = { at: Date.now(), method, args, conversation: conversationOf(args) };
      calls.push(call);
      const fault = faults.decide(method, call.conversation);
      if (fault !== undefined) call.fault = fault;
      await wait(typeof latency === "number" ? latency : latency(call));
      const instead = insteadOfActing(fault);
      const answer = instead ?? respond(context(), () => perform(call, token ?? textOf(inBody)));
      if (fault?.type === "slow") await wait(fault.ms);
      const outcome = fault?.type === "reset_after" ? "reset" : answer;
      if (outcome !== "reset") call.answer = { ok: false, ...outcome.body };
      context().changes.emit({ type: "called", call });
      return outcome;
    },
  };
}

type Awarded = { readonly retryAfter: number } | { readonly body: object };

function respond({ world }: Context, perform: () => Awarded): ApiAnswer {
  const headers = { "x-oauth-scopes": [...world.scopes].join(",") };
  try {
    const done = perform();
    if ("retryAfter" in done) return tooMany(done.retryAfter);
    return { status: 200, headers, body: { ...done.body, ok: true } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const metadata =
      error.details.length > 0 ? { response_metadata: { messages: error.details } } : {};
    return { status: 200, headers, body: { ok: false, error: error.code, ...metadata } };
  }
}

function insteadOfActing(fault: Fault | undefined): ApiAnswer | undefined {
  switch (fault?.type) {
    case "rate_limited":
      return tooMany(fault.retryAfter);
    case "server_error":
      return { status: fault.status, headers: {}, body: { ok: false, error: "internal_error" } };
    case "reset_before":
      return "reset";
    case "error":
      return { status: 200, headers: {}, body: { ok: false, error: fault.code } };
    case "reset_after":
    case "slow":
    case undefined:
      return undefined;
  }
}

function tooMany(seconds: number): ApiAnswer {
  const headers = { "retry-after": String(Math.ceil(seconds)) };
  return { status: 429, headers, body: { ok: false, error: "ratelimited" } };
}

function checkToken({ world }: Context, method: Method, token: string | undefined): void {
  if (token === undefined) throw new Refusal("not_authed");
  const wanted = method === "apps.connections.open" ? world.tokens.app : world.tokens.bot;
  if (token === wanted) return;
  const other = token === world.tokens.app || token === world.tokens.bot;
  throw new Refusal(other ? "not_allowed_token_type" : "invalid_auth");
}

function decode(
  validator: ReturnType<typeof createValidator>,
  method: string,
  contentType: string,
  body: string,
): Record<string, unknown> {
  if (contentType.includes("application/json")) {
    const value: unknown = JSON.parse(body === "" ? "{}" : body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  }
  const form = new URLSearchParams(body);
  return validator.isMethod(method) ? validator.decodeForm(method, form) : Object.fromEntries(form);
}

function conversationOf(args: Readonly<Record<string, unknown>>): string {
  return textOf(args["channel"]) ?? textOf(args["channel_id"]) ?? "";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
