import { z } from "zod";

import { Member, User, Written } from "./written.ts";

/** What the gateway tells of messages, read as far as the bot needs it. Absent `guild_id`: a DM. */

const spot = { channel_id: z.string(), guild_id: z.string().optional() };

export const Reaction = z.object({
  ...spot,
  user_id: z.string(),
  message_id: z.string(),
  message_author_id: z.string().optional(),
  /** Of a custom emoji the id; its name is whatever people call it. */
  emoji: z.object({ id: z.string().nullish(), name: z.string().nullish() }),
  member: Member.extend({ user: User.optional() }).optional(),
});
export type Reaction = z.infer<typeof Reaction>;

const Packet = z.discriminatedUnion("t", [
  z.object({ t: z.literal("MESSAGE_CREATE"), d: Written.extend(spot) }),
  z.object({ t: z.literal("MESSAGE_UPDATE"), d: Written.extend(spot) }),
  z.object({ t: z.literal("MESSAGE_DELETE"), d: z.object({ ...spot, id: z.string() }) }),
  z.object({
    t: z.literal("MESSAGE_DELETE_BULK"),
    d: z.object({ ...spot, ids: z.array(z.string()) }),
  }),
  z.object({ t: z.literal("MESSAGE_REACTION_ADD"), d: Reaction }),
]);
export type Packet = z.infer<typeof Packet>;

const Named = z.object({ t: z.literal(Packet.options.map(({ shape }) => shape.t.value)) });

/** Undefined for what tells of no message. Throws a ZodError where it does, in a shape that is not known. */
export function readPacket(raw: unknown): Packet | undefined {
  return Named.safeParse(raw).success ? Packet.parse(raw) : undefined;
}
