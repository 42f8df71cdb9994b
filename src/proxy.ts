/** An HTTP proxy, and the hosts that are reached without it. */
export interface Proxy {
  readonly url: string;
  /** As in NO_PROXY: names, each with everything below it; `*` is every host. This machine itself is always among them. */
  readonly except: string;
}

const THIS_MACHINE = "localhost,127.0.0.1,[::1]";

/** The proxy through which a URL is reached; undefined where it is reached directly. */
export function proxyFor(url: string, proxy: Proxy | undefined): string | undefined {
  if (proxy === undefined) return undefined;
  const { hostname } = new URL(url);
  const direct = `${proxy.except},${THIS_MACHINE}`
    .split(",")
    .map((entry) => entry.trim().replace(/^\*?\./, ""));
  const isDirect = direct.some(
    (entry) =>
      entry !== "" && (entry === "*" || hostname === entry || hostname.endsWith(`.${entry}`)),
  );
  return isDirect ? undefined : proxy.url;
}
