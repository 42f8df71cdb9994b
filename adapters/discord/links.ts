/** Endings of file names that are no top-level domains: `Node.js` as a label names no host. */
const NO_DOMAIN: ReadonlySet<string> = new Set(
  (
    "cjs conf cpp css csv gif htm html ini java jpeg jpg js json jsx lock log mjs pdf png sql svg toml ts tsx " +
    "txt xml yaml yml"
  ).split(" "),
);

const HOST =
  /(?<scheme>[a-z][a-z0-9+.-]*:\/\/)?(?<host>(?:[\p{L}\p{N}_-]+\.)+[\p{L}\p{N}-]{2,}|\d+(?:\.\d+){3})/giu;

/** Characters that nobody sees, and the marks of Markdown. */
const INVISIBLE = /[*_~`|\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;

/** A masked link as Discord may show it: its label must not pretend to be another address. */
export function showLink(label: string, url: string): string {
  const target = URL.parse(url);
  const web = target?.protocol === "https:" || target?.protocol === "http:";
  const visible = label.replaceAll(INVISIBLE, "").trim();
  if (!web) return visible === "" ? url : `${label} (${url})`;
  if (visible === "" || visible === url) return `<${url}>`;
  // In code, since Discord would make a link of the label itself.
  if (misleads(visible, target.hostname)) return `\`${visible}\` (<${url}>)`;
  return `[${label}](${url})`;
}

/** True where the label names a host that neither is the target nor owns it. */
function misleads(label: string, target: string): boolean {
  return [...label.normalize("NFKC").matchAll(HOST)].some(({ groups }) => {
    const { scheme, host = "" } = groups ?? {};
    const ending = host.split(".").at(-1)?.toLowerCase() ?? "";
    if (scheme === undefined && NO_DOMAIN.has(ending)) return false;
    const named = bare(URL.parse(`https://${host}`)?.hostname ?? host);
    return named !== bare(target) && !bare(target).endsWith(`.${named}`);
  });
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^www\./, "");
}
