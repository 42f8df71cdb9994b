import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { messageOf, PlatformUnreachable } from "../../src/errors.ts";
import type { Speaker } from "../../src/relay/platform.ts";
import type { Fetch } from "./clients.ts";
import { call, checkStatus, isTranslated } from "./errors.ts";

/** Milliseconds for the bytes themselves: 10 MiB at 1.4 Mbit/s. */
const UPLOAD_TIMEOUT = 60_000;

interface UploadOptions {
  readonly client: WebClient;
  readonly fetch: Fetch;
}

const Announced = z.object({ upload_url: z.url(), file_id: z.string() });

/**
 * Slack's way in three steps: announce, send, share. Nobody sees anything before the last of them, so only that one
 * leaves a doubt where its answer is lost.
 */
export function createUpload({ client, fetch }: UploadOptions): Speaker["upload"] {
  return async ({ conversation }, { name, bytes }) => {
    const { upload_url, file_id } = await call(async () =>
      Announced.parse(
        await client.files.getUploadURLExternal({ filename: name, length: bytes.length }),
      ),
    );
    await send(fetch, upload_url, bytes);
    const files: [{ id: string; title: string }] = [{ id: file_id, title: name }];
    const { channel: channel_id, root } = conversation;
    await call(() =>
      client.files.completeUploadExternal(
        root === undefined ? { files, channel_id } : { files, channel_id, thread_ts: root },
      ),
    );
  };
}

/** The URL is a secret of its own: no token goes there. */
async function send(fetch: Fetch, url: string, bytes: Uint8Array): Promise<void> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT),
    });
    await response.body?.cancel();
    checkStatus(response);
  } catch (error) {
    if (isTranslated(error)) throw error;
    throw new PlatformUnreachable(`A file could not be sent to Slack: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
