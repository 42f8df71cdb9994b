import { PATIENCE, type Refusal, type Service } from "./service.ts";

/** An answer other than 2xx in words that an admin can act on. */
export function explainRefusal(service: Service, refusal: Refusal): string {
  const { name, access, addressIn, base, loggedIn } = service;
  const { status, told, isPage } = refusal;
  const because = `HTTP ${status}${told === "" ? "" : `: ${told.replace(/\.$/, "")}`}`;
  if (status === 429) return `${name} allows no more requests for now. ${comeBack(refusal)}`;
  if (status >= 500) return `${name} has a fault of its own (${because}). Try again later.`;
  if (status === 401 && !loggedIn)
    return `${name} wants a login (${because}). An admin has to set ${access}.`;
  if (status === 401)
    return `${name} does not accept ${access} (${because}). An admin has to check or renew it.`;
  if (status === 403)
    return `${name} does not allow this (${because}). An admin has to give the account of ${access} the right to read it.`;
  if (status === 404 && isPage)
    return `${name} was not found at ${base.origin} (a web page came instead of data). An admin has to check ${addressIn}.`;
  return `${name} refused the request (${because}).`;
}

/** When the system said that it will answer again. Retry-After holds seconds or a date, X-RateLimit-Reset epoch seconds or a date. */
export function comeBack({ headers }: Refusal, otherwise = "Try again later."): string {
  const after = headers.get("retry-after");
  const reset = headers.get("x-ratelimit-reset");
  const seconds = after === null ? until(reset, 0) : until(after, Date.now());
  if (seconds === undefined) return otherwise;
  if (seconds < 100) return `Try again in ${seconds} s.`;
  return `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

function until(told: string | null, since: number): number | undefined {
  if (told === null || told === "") return undefined;
  const time = /^\d+$/.test(told) ? since + Number(told) * 1_000 : Date.parse(told);
  return Number.isNaN(time) ? undefined : Math.max(1, Math.ceil((time - Date.now()) / 1_000));
}

/** A request that got no answer. What another part ended, such as the person who asked, is passed on as it is. */
export function explainFailure(service: Service, error: unknown): unknown {
  const { name, base, addressIn, signal } = service;
  if (signal.aborted)
    return isTimeout(signal.reason)
      ? new Error(`${name} (${base.origin}) did not answer within ${PATIENCE / 1_000} s.`)
      : signal.reason;
  const code = codeOf(error);
  if (code === undefined && !(error instanceof TypeError)) return error;
  const options = { cause: error };
  switch (code) {
    case "ECONNREFUSED":
      return new Error(
        `${name} does not run at ${base.origin}: the connection was refused. An admin has to check ${addressIn}.`,
        options,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new Error(
        `The host ${base.hostname} was not found. An admin has to check ${addressIn}.`,
        options,
      );
    case "UND_ERR_CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return new Error(`${name} (${base.origin}) did not take the connection in time.`, options);
    default:
  }
  if (code !== undefined && /CERT|SIGNATURE|_TLS_/.test(code))
    return new Error(
      `The certificate of ${base.origin} is not trusted (${code}). For a certificate authority of your own, an admin has to set NODE_EXTRA_CA_CERTS.`,
      options,
    );
  return new Error(
    `The connection to ${name} (${base.origin}) failed (${code ?? "no reason was given"}). Try again later.`,
    options,
  );
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** `fetch` throws a TypeError that says nothing; its cause has the code. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return codeOf(error.cause);
}
