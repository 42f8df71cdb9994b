import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";

import { ModelFailed } from "./model.ts";

/** What made the request fail, in one sentence that holds no key, host or stack; the original stays as `cause`. */
export function explainFailure(error: unknown): ModelFailed {
  if (error instanceof ModelFailed) return error;
  const failed = (
    message: string,
    code: ModelFailed["code"],
    passing: boolean,
    retryAfter?: number,
  ): ModelFailed => new ModelFailed(message, { code, passing, retryAfter }, { cause: error });

  if (error instanceof APIConnectionTimeoutError)
    return failed("The model endpoint did not answer in time.", "server_error", true);
  if (error instanceof APIConnectionError) {
    const { why, passing } = connectionTrouble(error);
    return failed(`The model endpoint could not be reached (${why}).`, "server_error", passing);
  }
  if (error instanceof APIError) return explainAnswer(error, failed);
  if (error instanceof SyntaxError)
    return failed(
      "The model endpoint sent something that is not an answer of a model.",
      "server_error",
      true,
    );
  // fetch reports a socket that closed midway as a bare TypeError ("terminated"), which the SDK passes on.
  if (error instanceof TypeError)
    return failed(
      "The connection to the model endpoint broke in the middle of the answer.",
      "server_error",
      true,
    );
  return failed("The request to the model endpoint failed.", "server_error", false);
}

type Fail = (
  message: string,
  code: ModelFailed["code"],
  passing: boolean,
  retryAfter?: number,
) => ModelFailed;

function explainAnswer(error: APIError, failed: Fail): ModelFailed {
  const status = statusOf(error);
  const label = [error.code, error.type].join(" ");
  const text = error.message;
  if (status === 402 || label.includes("insufficient_quota"))
    return failed(
      "The quota of the model endpoint's account is used up.",
      "rate_limit_exceeded",
      false,
    );
  if (status === 429 || label.includes("rate_limit"))
    return failed(
      "The model endpoint is being asked too much at the moment.",
      "rate_limit_exceeded",
      true,
      askedToWait(error.headers),
    );
  if (status === 401 || label.includes("invalid_api_key"))
    return failed("The model endpoint refused the API key.", "server_error", false);
  if (status === 403)
    return failed(
      "The model endpoint does not allow this: check the API key and the model.",
      "server_error",
      false,
    );
  if (label.includes("context_length") || (isRefusal(status) && speaksOfLength(text)))
    return failed("The conversation is too long for the model.", "invalid_prompt", false);
  if (label.includes("content_filter") || label.includes("content_policy"))
    return failed(
      "The model endpoint's content filter refused the conversation.",
      "invalid_prompt",
      false,
    );
  if (speaksOfImages(text))
    return failed(
      "The model endpoint does not take the conversation's images: the model may not see images.",
      "invalid_prompt",
      false,
    );
  if (status === 404 || label.includes("model_not_found"))
    return failed("The model endpoint does not know this model or address.", "server_error", false);
  if (status === 408 || status === 409 || status === 425)
    return failed("The model endpoint could not take the request just now.", "server_error", true);
  if (isRefusal(status) || label.includes("invalid_prompt") || label.includes("invalid_request"))
    return failed(
      `The model endpoint refused the request${parameter(error.param)}.`,
      "invalid_prompt",
      false,
    );
  const number = status === undefined ? "" : ` (HTTP ${status})`;
  return failed(
    `The model endpoint failed${number}.`,
    "server_error",
    true,
    askedToWait(error.headers),
  );
}

/** An error object in the middle of a stream has no status; some endpoints put it in `code`. */
function statusOf(error: APIError): number | undefined {
  const status: unknown = error.status ?? Number(error.code ?? Number.NaN);
  return typeof status === "number" && status >= 400 && status < 600 ? status : undefined;
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500;
}

/** Local servers have no error codes, only sentences; the class of failure (final) does not depend on this. */
function speaksOfLength(text: string): boolean {
  return /context[ _-]?(length|window|size)|maximum context|exceeds? the (available )?context|too many (input )?tokens|prompt is too long/i.test(
    text,
  );
}

/** Endpoints refuse images with 400, 404 or 500, and say why in words alone; the same images are refused again. */
function speaksOfImages(text: string): boolean {
  return /\b(images?|image_url|input_image|vision|multi-?modal|mmproj)\b/i.test(text);
}

function parameter(name: string | null | undefined): string {
  return typeof name === "string" && /^[a-z_]{1,40}([.[][a-z_0-9\]]{1,40}){0,4}$/i.test(name)
    ? ` (${name})`
    : "";
}

/** Milliseconds from `retry-after-ms` or `retry-after` (seconds or a date). */
function askedToWait(headers: Headers | undefined): number | undefined {
  const exact = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const value = headers?.get("retry-after");
  if (value === null || value === undefined) return undefined;
  const milliseconds = /^\s*[\d.]+\s*$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, Math.round(milliseconds)) : undefined;
}

function connectionTrouble(error: Error): { readonly why: string; readonly passing: boolean } {
  const code = codeBelow(error);
  if (code === "ECONNREFUSED") return { why: "connection refused", passing: true };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return { why: "its host name is not known", passing: true };
  if (code.includes("CERT") || code.includes("SELF_SIGNED") || code.includes("TLS"))
    return { why: "its certificate is not trusted", passing: false };
  return { why: "connection lost", passing: true };
}

/** The first system code in the chain of causes; undici wraps them two deep, AggregateError included. */
function codeBelow(error: unknown): string {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") return current.code;
    current = current.cause ?? (current instanceof AggregateError ? current.errors[0] : undefined);
  }
  return "";
}
