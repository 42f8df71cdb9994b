import { z } from "zod";

import { metadata, none, notOffered } from "./common.ts";
import { listQuery } from "./parse.ts";

/** Characters of one message's text, as on the hosted API. */
const LONGEST_TEXT = 256_000;

const text = z
  .string()
  .max(LONGEST_TEXT)
  .superRefine((value, context) => {
    if (value !== "") return;
    context.addIssue({ code: "custom", message: "Message content must be non-empty." });
  });

/** What endpoints take: an address that they can fetch, or the image itself. */
const imageUrl = z.string().superRefine((value, context) => {
  const protocol = URL.parse(value)?.protocol;
  const isImage = protocol === "data:" ? value.startsWith("data:image/") : isWeb(protocol);
  if (isImage) return;
  context.addIssue({
    code: "custom",
    message:
      "Invalid image URL. Expected an http or https URL, or a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=').",
    params: { code: "invalid_image_url" },
  });
});

function isWeb(protocol: string | undefined): boolean {
  return protocol === "http:" || protocol === "https:";
}

const part = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text }),
  z.strictObject({
    type: z.literal("image_url"),
    image_url: z.strictObject({
      url: imageUrl,
      detail: z.enum(["auto", "low", "high"]).default("auto"),
    }),
  }),
  notOffered("image_file", "files"),
]);

export const createMessage = z.strictObject({
  role: z.enum(["user", "assistant"]),
  content: z.union([text, z.array(part).min(1)]),
  attachments: none("files").nullish(),
  metadata,
});
export type MessageFields = z.output<typeof createMessage>;

export const modifyMessage = z.strictObject({ metadata });

export const listMessages = z.strictObject({
  ...listQuery,
  run_id: z.string().min(1).optional(),
});
