/** Extensions of files that are no top-level domains: `Node.js` as a label names no host. */
const NO_DOMAIN: ReadonlySet<string> = new Set([
  "cjs",
  "conf",
  "cpp",
  "css",
  "csv",
  "exe",
  "go",
  "htm",
  "html",
  "ini",
  "java",
  "jpg",
  "js",
  "json",
  "jsx",
  "lock",
  "log",
  "mjs",
  "pdf",
  "png",
  "sql",
  "svg",
  "toml",
  "ts",
  "tsx",
  "txt",
  "xml",
  "yaml",
  "yml",
]);

const HOSTS =
  /https?:\/\/(?<address>[^\s/?#]+)|(?<name>(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}|\d{1,3}(?:\.\d{1,3}){3})/giu;

/** True where the label of a link names another host than the one that the link leads to. */
export function misleads(label: string, url: string): boolean {
  const target = hostOf(url);
  return hostsIn(label).some((host) => target !== host && !target.endsWith(`.${host}`));
}

function hostsIn(label: string): string[] {
  return [...label.matchAll(HOSTS)].flatMap(({ groups }) => {
    const address = groups?.["address"];
    if (address !== undefined) return [hostOf(`http://${address}`)];
    const name = (groups?.["name"] ?? "").toLowerCase();
    return NO_DOMAIN.has(name.split(".").at(-1) ?? "") ? [] : [hostOf(`http://${name}`)];
  });
}

/** Without `www.`; the domain of a mail address; "" for a URL without a host. */
function hostOf(url: string): string {
  if (url.startsWith("mailto:")) return url.slice(url.lastIndexOf("@") + 1).toLowerCase();
  return URL.parse(url)?.hostname.replace(/^www\./, "") ?? "";
}
