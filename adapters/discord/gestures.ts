import type { Gesture, Person, Spot } from "../../src/relay/message.ts";
import type { Directory } from "./directory.ts";
import type { Reaction } from "./packets.ts";
import type { Recent } from "./recent.ts";
import { nameOf, type Written } from "./written.ts";

/** What people do about something that was said earlier. */

const REACTIONS: Readonly<Record<string, Meaning>> = {
  "🛑": { type: "stop" },
  "⏹": { type: "stop" },
  "🔁": { type: "regenerate" },
  "🔄": { type: "regenerate" },
  "👍": { type: "feedback", value: "good" },
  "👎": { type: "feedback", value: "bad" },
};

type Meaning =
  | { readonly type: "stop" | "regenerate" }
  | { readonly type: "feedback"; readonly value: "good" | "bad" };

/** A skin, or that an emoji is to be shown in colour: neither changes what it means. */
const VARIANT = /\p{Emoji_Modifier}|\uFE0F/gu;

/** What a reaction to a message of the bot asks for; undefined for any other reaction. */
export function readReaction(
  reaction: Reaction,
  me: string,
  directory: Directory,
): Gesture | undefined {
  const { emoji, user_id: user, member, message_author_id: author } = reaction;
  if (user === me || member?.user?.bot === true) return undefined;
  // Where Discord does not tell the author, the relay knows which messages are its own.
  if (author !== undefined && author !== me) return undefined;
  if (emoji.id || !emoji.name) return undefined;
  const meaning = REACTIONS[emoji.name.replaceAll(VARIANT, "")];
  if (meaning === undefined) return undefined;
  const shown = member?.user && nameOf(member.user, member);
  const person: Person = { id: user, name: shown ?? directory.user(user) ?? user };
  return { ...meaning, spot: spotOf(reaction), person, reference: reaction.message_id };
}

/**
 * True where people now read other words or files than before. Discord tells of an update also when it adds a link's
 * preview, pins the message or begins a thread from it. Of a message that was not seen before, only the time of its
 * last edit is known.
 */
export function isEdited(message: Written, recent: Recent, text: string): boolean {
  const seen = recent.get(message.id) !== undefined;
  const changed = recent.note(message, text);
  return seen ? changed : Boolean(message.edited_timestamp);
}

export function spotOf({
  channel_id: channel,
  guild_id: workspace = "dm",
}: Pick<Reaction, "channel_id" | "guild_id">): Spot {
  return { platform: "discord", workspace, channel };
}
