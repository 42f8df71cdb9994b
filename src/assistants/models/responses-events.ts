import { z } from "zod";

import { parseAs, type WireEvent } from "./events.ts";

const item = z.object({
  type: z.string().nullish(),
  id: z.string().nullish(),
  call_id: z.string().nullish(),
  name: z.string().nullish(),
  arguments: z.string().nullish(),
  content: z
    .array(z.object({ text: z.string().nullish(), refusal: z.string().nullish() }))
    .nullish()
    .catch(undefined),
});
const response = z.object({
  status: z.string().nullish(),
  output: z.array(item).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  usage: z
    .object({ input_tokens: z.number(), output_tokens: z.number() })
    .nullish()
    .catch(undefined),
});
/** Everything is optional, because local servers leave much of it out. */
const event = z.object({
  type: z.string().nullish(),
  object: z.string().nullish(),
  item_id: z.string().nullish(),
  output_index: z.number().nullish(),
  delta: z.unknown().optional(),
  text: z.string().nullish(),
  refusal: z.string().nullish(),
  arguments: z.string().nullish(),
  item: item.nullish(),
  response: response.nullish(),
});
export type Item = z.output<typeof item>;
export type Event = z.output<typeof event>;
export type Final = z.output<typeof response>;

/** The type is in the data, or only in the name of the SSE event, or nowhere where the server does not stream. */
export function readEvent({ name, data }: WireEvent): {
  readonly type: string;
  readonly told: Event;
} {
  const told = parseAs(event, data);
  if (told.type) return { type: told.type, told };
  if (told.object === "response")
    return { type: "response.completed", told: { ...told, response: parseAs(response, data) } };
  return { type: name ?? "", told };
}

export function finalOf(type: string, { response: final }: Event): Final | undefined {
  switch (type) {
    case "response.completed":
    case "response.done":
    case "response.incomplete":
    case "response.failed":
    case "response.cancelled":
      return final ?? {};
    default:
      return undefined;
  }
}
