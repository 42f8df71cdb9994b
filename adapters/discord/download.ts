import { RequestMethod, Routes } from "discord.js";
import { z } from "zod";

import { messageOf, PlatformRefused, PlatformUnreachable, RateLimited } from "../../src/errors.ts";
import type { Attachment } from "../../src/relay/message.ts";
import type { Reader } from "../../src/relay/platform.ts";
import type { Api } from "./api.ts";
import { fileOf, Written } from "./written.ts";

/** Where Discord keeps what people attach. */
const HOSTS: ReadonlySet<string> = new Set(["cdn.discordapp.com", "media.discordapp.net"]);

/** Milliseconds for one file, and redirects that are followed. */
const TIMEOUT = 60_000;
const MOST_HOPS = 3;

/** Messages around the time at which a file was attached, among which its message is. */
const NEAR = "50";

/**
 * Files come over signed links that everybody may use, so that no token is ever sent.
 * Only Discord's own hosts are asked, and the one that DISCORD_API_URL names.
 */
export function createDownload(api: Api, apiUrl: string | undefined): Reader["download"] {
  const own = apiUrl === undefined ? undefined : new URL(apiUrl);

  /** Undefined where the link has expired or its file is gone. */
  const take = async (
    address: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> => {
    let url = checkHost(address, own);
    for (let hop = 0; hop <= MOST_HOPS; hop += 1) {
      const response = await fetch(url, { redirect: "manual", signal });
      const target = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && target !== null) {
        await response.body?.cancel();
        url = checkHost(target, own, url);
        continue;
      }
      if (response.ok) return await readBody(response, maxBytes);
      await response.body?.cancel();
      if (EXPIRED.has(response.status)) return undefined;
      throw failureOf(response);
    }
    throw new PlatformRefused("The file is redirected without end.", "not_found");
  };

  return async (file, maxBytes, given) => {
    if (file.size !== undefined && file.size > maxBytes) throw tooLarge(maxBytes);
    const signal = AbortSignal.any([given, AbortSignal.timeout(TIMEOUT)]);
    try {
      const taken = await take(file.url, maxBytes, signal);
      if (taken !== undefined) return taken;
      const renewed = await renew(api, file, signal);
      const again = renewed === undefined ? undefined : await take(renewed, maxBytes, signal);
      if (again === undefined) {
        throw new PlatformRefused(`Discord has no file ${file.name} any more.`, "not_found");
      }
      return again;
    } catch (error) {
      if (error instanceof PlatformRefused || error instanceof RateLimited) throw error;
      if (error instanceof PlatformUnreachable) throw error;
      const why = messageOf(error);
      throw new PlatformUnreachable(`A file did not arrive: ${why}`, { cause: error });
    }
  };
}

const EXPIRED: ReadonlySet<number> = new Set([403, 404, 410]);

function checkHost(address: string, own: URL | undefined, base?: URL): URL {
  const url = URL.parse(address, base);
  const discords = url?.protocol === "https:" && HOSTS.has(url.hostname) && url.port === "";
  const ours =
    own !== undefined && url?.hostname === own.hostname && /^https?:$/.test(url.protocol);
  if (url !== null && (discords || ours)) return url;
  const host = url?.host ?? "an address that is none";
  throw new PlatformRefused(`The file is at ${host}, which is not Discord's.`, "foreign_host");
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const announced = Number(response.headers.get("content-length") ?? 0);
  if (announced > maxBytes) {
    await response.body?.cancel();
    throw tooLarge(maxBytes);
  }
  // Leaving the loop cancels what is still to come.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function failureOf({ status, headers }: Response): Error {
  if (status === 429) {
    const seconds = Number(headers.get("retry-after")) || 1;
    return new RateLimited("Discord asks for patience.", Math.ceil(seconds * 1000));
  }
  if (status >= 500) return new PlatformUnreachable(`Discord answered HTTP ${status}.`);
  return new PlatformRefused(`Discord refused the file (HTTP ${status}).`, `http_${status}`);
}

function tooLarge(maxBytes: number): PlatformRefused {
  return new PlatformRefused(`The file is larger than ${maxBytes} bytes.`, "too_large");
}

/**
 * A fresh link. The old one names the channel, and a file's id tells when it was attached, which was a moment
 * before its message was written: so the message is found without having been remembered.
 */
async function renew(
  api: Api,
  { id, url }: Attachment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const channel = /^\/attachments\/(\d+)\//.exec(new URL(url).pathname)?.[1];
  if (channel === undefined || !/^\d+$/.test(id)) return undefined;
  const route = Routes.channelMessages(channel);
  const query = new URLSearchParams({ around: id, limit: NEAR });
  try {
    const near = await api.request(
      { method: RequestMethod.Get, route, query, signal },
      z.array(Written),
    );
    return near.flatMap(({ attachments }) => attachments.map(fileOf)).find((file) => file.id === id)
      ?.url;
  } catch (error) {
    if (error instanceof PlatformRefused) return undefined;
    throw error;
  }
}
