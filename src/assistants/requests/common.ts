import { z } from "zod";

/** Parts that several requests share. Limits are the hosted API's. */

export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .superRefine((pairs, context) => {
    const count = Object.keys(pairs).length;
    if (count <= 16) return;
    context.addIssue({
      code: "custom",
      message: `Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with ${count} properties instead.`,
      params: { code: "object_above_max_properties" },
    });
  })
  .nullish();

const functionName = z
  .string()
  .max(64)
  .regex(/^[a-zA-Z0-9_-]+$/);
const jsonSchema = z.record(z.string(), z.unknown());

const functionTool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: functionName,
    description: z.string().exactOptional(),
    parameters: jsonSchema.exactOptional(),
    strict: z.boolean().nullable().exactOptional(),
  }),
});
export type FunctionTool = z.output<typeof functionTool>;

export const tool = z.discriminatedUnion("type", [
  functionTool,
  notOffered("code_interpreter", "the code interpreter"),
  notOffered("file_search", "file search"),
]);

export const reasoningEffort = z
  .enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"])
  .nullish();

export const temperature = z.number().min(0).max(2).nullish();
export const topP = z.number().min(0).max(1).nullish();

export const responseFormat = z
  .union([
    z.literal("auto"),
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({
        type: z.literal("json_schema"),
        json_schema: z.strictObject({
          name: functionName,
          description: z.string().exactOptional(),
          schema: jsonSchema.exactOptional(),
          strict: z.boolean().nullable().exactOptional(),
        }),
      }),
    ]),
  ])
  .nullish();

/** Files and vector stores: an empty mention is harmless, anything else is refused. */
export const toolResources = z
  .strictObject({
    code_interpreter: z.strictObject({ file_ids: none("files").optional() }).nullish(),
    file_search: z
      .strictObject({
        vector_store_ids: none("vector stores").optional(),
        vector_stores: none("vector stores").optional(),
      })
      .nullish(),
  })
  .nullish();

/** An array that must be empty, because the server does not offer what it would hold. */
export function none(what: string): z.ZodArray {
  return z.array(z.unknown()).superRefine((items, context) => {
    if (items.length > 0) refuseUnoffered(context, what);
  });
}

/** A kind of tool or content that the contract knows and this server does not offer. */
export function notOffered<const Type extends string>(type: Type, what: string) {
  return z.looseObject({ type: z.literal(type) }).transform((_, context) => {
    refuseUnoffered(context, what);
    return z.NEVER;
  });
}

function refuseUnoffered(context: z.RefinementCtx, what: string): void {
  context.addIssue({
    code: "custom",
    message: `This server does not offer ${what} yet.`,
    params: { code: "not_offered" },
  });
}
