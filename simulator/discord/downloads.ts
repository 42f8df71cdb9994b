import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";

import type { DiscordFile, DiscordMessage } from "./objects.ts";
import type { World } from "./world.ts";

/** Discord's signed attachment URLs live a day. */
const LIFE_SECONDS = 86_400;

export interface Downloads {
  /** A fresh signed URL of this attachment. */
  readonly urlOf: (message: DiscordMessage, file: DiscordFile) => string;
  /** Answers `GET /attachments/:channel/:file/:name`: the bytes, or 404 without a valid signature. */
  readonly serve: (response: ServerResponse, url: URL) => void;
  /** Lets every URL that was given out so far run out. */
  readonly expire: () => void;
}

export function createDownloads(world: World, base: () => string): Downloads {
  let secret = randomBytes(32);
  const sign = (channel: string, file: string, expires: string): Buffer =>
    createHmac("sha256", secret).update(`${channel}/${file}/${expires}`).digest();

  return {
    expire: () => void (secret = randomBytes(32)),
    urlOf({ channel }, { id, name }) {
      const now = Math.floor(Date.now() / 1000);
      const expires = (now + LIFE_SECONDS).toString(16);
      const query = new URLSearchParams({
        ex: expires,
        is: now.toString(16),
        hm: sign(channel, id, expires).toString("hex"),
      });
      return `${base()}/attachments/${channel}/${id}/${encodeURIComponent(name)}?${query.toString()}`;
    },
    serve(response, url) {
      const [, , channel = "", id = ""] = url.pathname.split("/");
      const expires = url.searchParams.get("ex") ?? "";
      const given = Buffer.from(url.searchParams.get("hm") ?? "", "hex");
      const wanted = sign(channel, id, expires);
      const signed = given.length === wanted.length && timingSafeEqual(given, wanted);
      const file = signed && world.channels.has(channel) ? fileOf(world, channel, id) : undefined;
      if (file === undefined || Number.parseInt(expires, 16) * 1000 < Date.now()) {
        response.writeHead(404).end("This content is no longer available.");
        return;
      }
      response.writeHead(200, { "content-type": file.type, "content-length": file.content.length });
      response.end(file.content);
    },
  };
}

function fileOf(world: World, channel: string, id: string): DiscordFile | undefined {
  return [...world.messagesOf(channel).values()]
    .flatMap(({ files }) => files)
    .find((file) => file.id === id);
}
