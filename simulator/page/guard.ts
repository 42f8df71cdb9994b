/**
 * Why a request is refused, or undefined. The page acts for anybody who reaches it, so only this machine's own
 * browser may, and only from the page itself: a name that was made to point here (DNS rebinding) is not loopback,
 * and another site's script comes with its own origin.
 */
export function refusalOf(request: Request): string | undefined {
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const url = URL.parse(`http://${host}`);
  if (url === null || !isLoopback(url.hostname))
    return "The playground answers on this machine only: open it as http://127.0.0.1 or http://localhost.";
  const origin = request.headers.get("origin");
  if (origin !== null && URL.parse(origin)?.host !== url.host)
    return "The playground takes no requests from other sites.";
  const site = request.headers.get("sec-fetch-site");
  const visit = request.headers.get("sec-fetch-mode") === "navigate" && request.method === "GET";
  if (site !== null && site !== "same-origin" && site !== "none" && !visit)
    return "The playground takes no requests from other sites.";
  return undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** No script but the page's own, nothing from elsewhere, and no frame around it. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
};

export function secure(response: Response): Response {
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  return response;
}
