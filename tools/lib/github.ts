import { need, needAddress } from "./backend.ts";
import { comeBack } from "./faults.ts";
import { createService, type Refusal, type Service } from "./service.ts";

type Settings = Readonly<Partial<Record<string, string>>>;

/** GitHub's REST API, or that of a GitHub Enterprise Server when GITHUB_API_URL leads to one. */
export function openGitHub(settings: Settings, signal: AbortSignal): Service {
  const token = settings["GITHUB_TOKEN"];
  return createService({
    name: "GitHub",
    base: needAddress(
      { GITHUB_API_URL: "https://api.github.com", ...settings },
      "GITHUB_API_URL",
      "https://github.example.com/api/v3",
    ),
    addressIn: "GITHUB_API_URL",
    access: "GITHUB_TOKEN",
    loggedIn: token !== undefined,
    headers: {
      accept: "application/vnd.github+json",
      // This one is also understood by every supported GitHub Enterprise Server.
      "x-github-api-version": "2022-11-28",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    signal,
    explain: (refusal) => explainLimit(refusal, token !== undefined),
  });
}

/** `owner/name`; throws an Error that names the variable. */
export function needRepository(settings: Settings, name: string): string {
  const repository = need(settings, name);
  if (!/^[\w-]+\/[\w.-]+$/.test(repository))
    throw new Error(
      `${name} is "${repository}"; an admin has to set it to owner/name, such as acme/shop.`,
    );
  return repository;
}

/** docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: both limits come as 403 or 429. */
function explainLimit(refusal: Refusal, loggedIn: boolean): string | undefined {
  const { status, headers, told } = refusal;
  if (status !== 403 && status !== 429) return undefined;
  if (headers.get("x-ratelimit-remaining") === "0") {
    const more = loggedIn
      ? ""
      : " Without GITHUB_TOKEN, GitHub allows 60 requests an hour; with one, 5,000.";
    return `GitHub's rate limit is used up. ${comeBack(refusal)}${more}`;
  }
  if (headers.has("retry-after") || /secondary rate limit/i.test(told))
    return `GitHub got too many requests at once (its secondary rate limit). ${comeBack(withoutReset(refusal), "Try again in a minute or later.")}`;
  return undefined;
}

/** The reset belongs to the limit per hour, which is not the one that was met. */
function withoutReset(refusal: Refusal): Refusal {
  const headers = new Headers(refusal.headers);
  headers.delete("x-ratelimit-reset");
  return { ...refusal, headers };
}
