import { z } from "zod";

import {
  metadata,
  notOffered,
  reasoningEffort,
  responseFormat,
  temperature,
  tool,
  topP,
} from "./common.ts";
import { createMessage } from "./message.ts";
import { listQuery } from "./parse.ts";
import { createThread } from "./thread.ts";

const tokens = z.int().min(256).max(2_147_483_647).nullish();

const truncation = z
  .strictObject({
    type: z.enum(["auto", "last_messages"]),
    last_messages: z.int().min(1).max(2_147_483_647).nullish(),
  })
  .superRefine((strategy, context) => {
    if (strategy.type === "auto" || typeof strategy.last_messages === "number") return;
    context.addIssue({
      code: "custom",
      path: ["last_messages"],
      message: "Missing required parameter: 'truncation_strategy.last_messages'.",
      params: { code: "missing_required_parameter" },
    });
  })
  .nullish();

const toolChoice = z
  .union([
    z.enum(["none", "auto", "required"]),
    z.discriminatedUnion("type", [
      z.strictObject({
        type: z.literal("function"),
        function: z.strictObject({ name: z.string() }),
      }),
      notOffered("code_interpreter", "the code interpreter"),
      notOffered("file_search", "file search"),
    ]),
  ])
  .nullish();

const common = {
  assistant_id: z.string(),
  model: z.string().min(1).nullish(),
  instructions: z.string().max(256_000).nullish(),
  tools: z.array(tool).max(20).nullish(),
  metadata,
  temperature,
  top_p: topP,
  stream: z.boolean().nullish(),
  max_prompt_tokens: tokens,
  max_completion_tokens: tokens,
  truncation_strategy: truncation,
  tool_choice: toolChoice,
  parallel_tool_calls: z.boolean().optional(),
  response_format: responseFormat,
  reasoning_effort: reasoningEffort,
};

export const createRun = z.strictObject({
  ...common,
  additional_instructions: z.string().max(256_000).nullish(),
  additional_messages: z.array(createMessage).nullish(),
});
export type RunFields = z.output<typeof createRun>;

export const createThreadAndRun = z.strictObject({
  ...common,
  thread: createThread.optional(),
  tool_resources: createThread.shape.tool_resources,
});

export const modifyRun = z.strictObject({ metadata });

export const submitToolOutputs = z.strictObject({
  tool_outputs: z.array(
    z.strictObject({ tool_call_id: z.string(), output: z.string().default("") }),
  ),
  stream: z.boolean().nullish(),
});
export type ToolOutput = z.output<typeof submitToolOutputs>["tool_outputs"][number];

export const listRuns = z.strictObject(listQuery);

const RESULTS = "step_details.tool_calls[*].file_search.results[*].content";
export const listSteps = z.strictObject({
  ...listQuery,
  "include[]": z.array(z.literal(RESULTS)).optional(),
});
