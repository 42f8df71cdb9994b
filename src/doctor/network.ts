/** By the system's, undici's or OpenSSL's code. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, "connection refused"],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "its host name is not known"],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, "the connection was cut"],
  [/TIMEDOUT|TIMEOUT/, "no answer in time"],
  [/CERT|SELF_SIGNED|^ERR_TLS|UNABLE_TO_VERIFY/, "its certificate is not trusted"],
];

/** Why a host was not reached, from the first code below an error that says little itself ("fetch failed"). */
export function whyUnreached(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    const code = "code" in current && typeof current.code === "string" ? current.code : "";
    const words = WORDS.find(([pattern]) => pattern.test(code))?.[1];
    if (words !== undefined) return words;
    if (/^(TimeoutError|AbortError)$/.test(current.name)) return "no answer in time";
    current = below(current);
  }
  return undefined;
}

/** Slack's SDK calls the cause `original`; Node puts several addresses' errors into one. */
function below(error: Error): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  return error.cause ?? ("original" in error ? error.original : undefined);
}
