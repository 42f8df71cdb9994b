import { z } from "zod";
import type { Attachment } from "../../src/relay/message.ts";

export const File = z.object({
  id: z.string(),
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
  url_private: z.string().optional(),
  url_private_download: z.string().optional(),
});

export type File = z.infer<typeof File>;

/**
 * Where an attachment leads that has no URL yet: Slack shows some files (in Slack Connect, `file_access:
 * check_file_info`) by their id alone, and files.info tells the rest. Only this adapter reads such URLs.
 */
const BY_ID = "slack-file:";

/** A file in a message; `known` is what files.info said of it, where it was asked. */
export function attachmentOf(file: File, known: File | undefined): Attachment {
  const { id, name, title, mimetype, size } = known ?? file;
  const attachment = {
    id,
    name: name || title || id,
    type: mimetype || "application/octet-stream",
    url: urlOf(file) ?? (known && urlOf(known)) ?? BY_ID + id,
  };
  return typeof size === "number" && urlOf(known ?? file) !== undefined
    ? { ...attachment, size }
    : attachment;
}

/** The id by which a URL of `attachmentOf` asks for a file, or undefined for a real URL. */
export function fileIdOf(url: string): string | undefined {
  return url.startsWith(BY_ID) ? url.slice(BY_ID.length) : undefined;
}

export function urlOf(file: File): string | undefined {
  return file.url_private_download ?? file.url_private;
}
