import type { Gesture, IncomingMessage } from "../../src/relay/message.ts";
import type { Directory } from "./directory.ts";
import { type Heard, toIncoming } from "./events.ts";
import { isEdited, readReaction, spotOf } from "./gestures.ts";
import type { Packet } from "./packets.ts";
import type { Recent } from "./recent.ts";
import type { Standings } from "./standing.ts";

/** What one event of the gateway comes to. */
export type Happening = { readonly type: "said"; readonly message: IncomingMessage } | Gesture;

export interface Reading {
  readonly recent: Recent;
  readonly directory: Directory;
  readonly standings: Standings;
}

type Event = Extract<Packet, { t: "MESSAGE_CREATE" | "MESSAGE_UPDATE" }>["d"];

/** Notes at once what there is to remember, and then asks Discord how the author belongs here. */
export async function readHappenings(
  reading: Reading,
  packet: Packet,
  me: string,
): Promise<readonly Happening[]> {
  const { recent, directory } = reading;
  switch (packet.t) {
    case "MESSAGE_CREATE": {
      const heard = hear(reading, packet.d, me);
      recent.note(packet.d, heard?.text);
      return heard === undefined
        ? []
        : [{ type: "said", message: await withStanding(reading, packet.d, heard) }];
    }
    case "MESSAGE_UPDATE": {
      const heard = hear(reading, packet.d, me);
      // An edit that names the bot for the first time is no question: nobody would see it answered where it stands.
      if (heard === undefined || !isEdited(packet.d, recent, heard.text)) return [];
      return [{ type: "edited", message: await withStanding(reading, packet.d, heard) }];
    }
    case "MESSAGE_DELETE":
      return [{ type: "deleted", spot: spotOf(packet.d), message: packet.d.id }];
    case "MESSAGE_DELETE_BULK": {
      const spot = spotOf(packet.d);
      return packet.d.ids.map((message) => ({ type: "deleted", spot, message }));
    }
    case "MESSAGE_REACTION_ADD": {
      const gesture = readReaction(packet.d, me, directory);
      return gesture === undefined ? [] : [gesture];
    }
  }
}

function hear({ recent, directory }: Reading, event: Event, me: string): Heard | undefined {
  const { channel_id: channel, guild_id } = event;
  const { thread = false, where = {} } = directory.describe(channel) ?? {};
  const stand = { channel, guild: guild_id ?? null, thread, where };
  return toIncoming(event, stand, { me, directory, recent });
}

async function withStanding(
  { standings }: Reading,
  { guild_id, member }: Event,
  heard: Heard,
): Promise<IncomingMessage> {
  const visitor = { user: heard.author.id, guild: guild_id ?? null };
  const standing = await standings.of({ ...visitor, pending: member?.pending === true });
  return { ...heard, standing };
}
