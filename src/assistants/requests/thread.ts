import { z } from "zod";

import { MOST_MESSAGES } from "../objects/thread.ts";
import { metadata, toolResources } from "./common.ts";
import { createMessage } from "./message.ts";

export const createThread = z.strictObject({
  messages: z.array(createMessage).max(MOST_MESSAGES).optional(),
  tool_resources: toolResources,
  metadata,
});
export type ThreadFields = z.output<typeof createThread>;

export const modifyThread = z.strictObject({ tool_resources: toolResources, metadata });
