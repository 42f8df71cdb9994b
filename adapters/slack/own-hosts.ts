import type { Response } from "undici";
import type { Fetch } from "./clients.ts";
import { foreignHost, loginPage, notFound } from "./file-refusals.ts";

const HOPS = 5;

interface OwnHostsOptions {
  readonly fetch: Fetch;
  readonly botToken: string;
  /** Its host counts as Slack's own. */
  readonly apiUrl?: string | undefined;
}

/**
 * Opens a URL with the bot token. Redirects are followed by hand, so that the token goes to no host that was not
 * looked at first. Throws PlatformRefused, or what fetch throws.
 */
export function createOwnFetch({
  fetch,
  botToken,
  apiUrl,
}: OwnHostsOptions): (start: string, signal: AbortSignal) => Promise<Response> {
  const apiHost = apiUrl === undefined ? undefined : URL.parse(apiUrl)?.host;
  const headers = { authorization: `Bearer ${botToken}` };

  return async (start, signal) => {
    let url = URL.parse(start);
    for (let hop = 0; hop <= HOPS; hop += 1) {
      if (url === null || !isSlacks(url, apiHost)) throw foreignHost(url?.host);
      const response = await fetch(url.href, { headers, redirect: "manual", signal });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      url = URL.parse(location, url);
      // Who may not read a file is sent to the workspace's front page, to come back after signing in.
      if (url?.searchParams.has("redir") === true) throw loginPage();
    }
    throw notFound(new Error("One address leads to the next."));
  };
}

/**
 * Private files lie below slack.com, or slack-gov.com for GovSlack. Public links (slack-files.com) and pictures of
 * the interface (slack-edge.com) need no token and are no attachments.
 */
function isSlacks({ protocol, hostname, port, host }: URL, apiHost: string | undefined): boolean {
  if (host === apiHost) return true;
  return protocol === "https:" && port === "" && /(?:^|\.)slack(?:-gov)?\.com$/.test(hostname);
}
