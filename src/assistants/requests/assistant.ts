import { z } from "zod";

import {
  metadata,
  reasoningEffort,
  responseFormat,
  temperature,
  tool,
  toolResources,
  topP,
} from "./common.ts";

const fields = {
  name: z.string().max(256).nullish(),
  description: z.string().max(512).nullish(),
  instructions: z.string().max(256_000).nullish(),
  tools: z.array(tool).max(128).optional(),
  tool_resources: toolResources,
  metadata,
  temperature,
  top_p: topP,
  response_format: responseFormat,
  reasoning_effort: reasoningEffort,
};

export const modifyAssistant = z.strictObject({ model: z.string().min(1).optional(), ...fields });

/** `standIn`: whether the server has a model for assistants that name none. */
export function createAssistant(standIn: boolean) {
  return z.strictObject({
    model: standIn ? z.string().min(1).optional() : z.string().min(1),
    ...fields,
  });
}

export type AssistantFields = z.output<typeof modifyAssistant>;
