import { readFile } from "node:fs/promises";

/** The page's own files; nothing else is read from the disk. */
const TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html",
  "style.css": "text/css",
  "page.js": "text/javascript",
  "store.js": "text/javascript",
  "dom.js": "text/javascript",
  "rooms.js": "text/javascript",
  "chat.js": "text/javascript",
  "message.js": "text/javascript",
  "attachments.js": "text/javascript",
  "composer.js": "text/javascript",
  "mentions.js": "text/javascript",
  "happenings.js": "text/javascript",
  "icon.svg": "image/svg+xml",
};

/** The file at this path, or undefined where there is none. */
export async function serveAsset(pathname: string): Promise<Response | undefined> {
  const name = pathname === "/" ? "index.html" : pathname.replace("/assets/", "");
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined || (pathname !== "/" && pathname !== `/assets/${name}`)) return undefined;
  const content = await readFile(new URL(`./assets/${name}`, import.meta.url), "utf8");
  return new Response(content, { headers: { "content-type": `${type}; charset=utf-8` } });
}
