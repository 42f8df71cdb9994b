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

const part = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text }),
  z.strictObject({
    type: z.literal("image_url"),
    image_url: z.strictObject({
      url: z.url({ protocol: /^(https?|data)$/ }),
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
