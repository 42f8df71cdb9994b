import { createHash } from "node:crypto";

import { RequestMethod, Routes } from "discord.js";

import { PlatformRefused } from "../../src/errors.ts";
import type { Speaker } from "../../src/relay/platform.ts";
import { type Api, Identified } from "./api.ts";
import { LARGEST_UPLOAD } from "./limits.ts";
import { asReply } from "./reply-to.ts";

type File = Parameters<Speaker["upload"]>[1];

/** Discord's code for a file that is too large, and the status of a proxy that says so before it. */
const TOO_LARGE: ReadonlySet<string> = new Set(["40005", "http_413"]);

/** Attaches a file to a message of its own, which replies to the question. */
export async function upload(
  api: Api,
  channel: string,
  question: string,
  file: File,
): Promise<void> {
  const { name, bytes } = file;
  if (bytes.length > LARGEST_UPLOAD) throw tooLarge(bytes.length);
  const route = Routes.channelMessages(channel);
  const body = {
    ...asReply(channel, question),
    attachments: [{ id: 0, filename: name }],
    nonce: nonceOf(question, file),
    enforce_nonce: true,
  };
  const files = [{ name, data: bytes }];
  try {
    await api.request({ method: RequestMethod.Post, route, body, files }, Identified);
  } catch (error) {
    const refused = error instanceof PlatformRefused && TOO_LARGE.has(error.code);
    throw refused ? tooLarge(bytes.length, error) : error;
  }
}

function tooLarge(bytes: number, cause?: unknown): PlatformRefused {
  const said = `Discord takes no file of ${bytes} bytes.`;
  return new PlatformRefused(said, "too_large", { cause });
}

/** The same for the same file below the same question: an upload repeated within minutes shows it once. */
function nonceOf(question: string, { name, bytes }: File): string {
  const hash = createHash("sha256").update(`${question}\n${name}\n`).update(bytes);
  return hash.digest("base64url").slice(0, 25);
}
