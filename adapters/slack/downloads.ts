import type { WebClient } from "@slack/web-api";
import type { Response } from "undici";
import { z } from "zod";
import { messageOf, PlatformRefused, PlatformUnreachable } from "../../src/errors.ts";
import type { Attachment } from "../../src/relay/message.ts";
import type { Reader } from "../../src/relay/platform.ts";
import type { Fetch } from "./clients.ts";
import { call, checkStatus, isTranslated } from "./errors.ts";
import { loginPage, notFound, tooLarge } from "./file-refusals.ts";
import { File, fileIdOf, urlOf } from "./files.ts";
import { createOwnFetch } from "./own-hosts.ts";

/** Canvases come as HTML too. */
const HTML_TYPES: ReadonlySet<string> = new Set(["text/html", "application/vnd.slack-docs"]);

interface DownloadOptions {
  readonly client: WebClient;
  readonly fetch: Fetch;
  readonly botToken: string;
  readonly apiUrl?: string | undefined;
}

export function createDownload(options: DownloadOptions): Reader["download"] {
  const open = createOwnFetch(options);

  return async (attachment, maxBytes, signal) => {
    const file = await resolve(options.client, attachment);
    if ((file.size ?? 0) > maxBytes) throw tooLarge(maxBytes);
    try {
      const response = await open(file.url, signal);
      try {
        checkAnswer(response, file);
        return await readBody(response, maxBytes);
      } finally {
        if (!response.bodyUsed) await response.body?.cancel();
      }
    } catch (error) {
      if (isTranslated(error)) throw error;
      throw new PlatformUnreachable(`A file could not be downloaded: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
}

/** A file that Slack showed by its id alone is asked for first. */
async function resolve(client: WebClient, attachment: Attachment): Promise<Attachment> {
  const id = fileIdOf(attachment.url);
  if (id === undefined) return attachment;
  const file = await ask(client, id);
  const url = urlOf(file);
  if (url === undefined) throw notFound();
  const { name, mimetype, size } = file;
  return {
    id,
    url,
    name: name || attachment.name,
    type: mimetype || attachment.type,
    ...(typeof size === "number" && { size }),
  };
}

const FileInfo = z.object({ file: File });
const GONE: ReadonlySet<string> = new Set(["file_deleted", "file_not_found"]);

async function ask(client: WebClient, id: string): Promise<File> {
  try {
    return await call(async () => FileInfo.parse(await client.files.info({ file: id })).file);
  } catch (error) {
    if (!(error instanceof PlatformRefused)) throw error;
    if (error.code === "missing_scope") throw loginPage(error);
    if (GONE.has(error.code)) throw notFound(error);
    throw error;
  }
}

function checkAnswer(response: Response, file: Attachment): void {
  const { status, headers } = response;
  if (status === 404 || status === 410) throw notFound();
  if (status === 401 || status === 403) throw loginPage();
  checkStatus(response);
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("text/html") && !isHtml(file)) throw loginPage();
}

function isHtml({ type, name }: Attachment): boolean {
  return HTML_TYPES.has(type) || /\.x?html?$/i.test(name);
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
