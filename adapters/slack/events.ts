import { z } from "zod";
import type { Addressed, Attachment, IncomingMessage } from "../../src/relay/platform.ts";
import { mentionedIn, type Names, toMarkdown } from "./text.ts";

/** Who the bot is, as auth.test says. */
export interface Identity {
  readonly team: string;
  readonly user: string;
  readonly bot: string;
}

export type Reading =
  | { readonly message: IncomingMessage }
  /** Nothing to answer, and why, in words for a log. */
  | { readonly ignored: string };

const File = z.object({
  id: z.string(),
  name: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
  url_private: z.string().optional(),
  url_private_download: z.string().optional(),
});

/** What is read of app_mention and message events; everything else in them is left alone. */
export const MessageEvent = z.object({
  type: z.enum(["app_mention", "message"]),
  subtype: z.string().optional(),
  channel: z.string(),
  channel_type: z.string().optional(),
  ts: z.string(),
  thread_ts: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().nullish(),
  bot_profile: z.unknown().optional(),
  hidden: z.boolean().optional(),
  text: z.string().nullish(),
  files: z.array(File).nullish(),
});

export type MessageEvent = z.infer<typeof MessageEvent>;

const READ_SUBTYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  "file_share",
  "thread_broadcast",
]);

/**
 * Reads an app_mention or message event. Slack sends one mention as both, and redelivers either: all of them
 * give equal messages, because identity is team, channel and ts, and a message that names the bot counts as a mention.
 */
export function readMessage(event: MessageEvent, bot: Identity, names: Names): Reading {
  const concern = concernOf(event, bot);
  if ("ignored" in concern) return concern;
  const { channel, ts, thread_ts, user = "" } = event;
  const { addressed } = concern;
  const root = addressed === "direct" ? thread_ts : (thread_ts ?? ts);
  return {
    message: {
      id: ts,
      conversation: {
        platform: "slack",
        workspace: bot.team,
        channel,
        ...(root !== undefined && { root }),
      },
      // A thread is one conversation in Slack, so there is no chain to follow.
      ancestors: [],
      author: { id: user, name: names.user(user) ?? user },
      text: toMarkdown(event.text ?? "", bot.user, names),
      sentAt: Math.floor(Number(ts) * 1000),
      addressed,
      files: attachmentsOf(event),
    },
  };
}

/** How this event concerns the bot, or in words for a log why it does not; needs no names. */
export function concernOf(
  event: MessageEvent,
  bot: Identity,
): { readonly addressed: Addressed } | { readonly ignored: string } {
  const {
    type,
    subtype,
    hidden,
    user,
    bot_id,
    bot_profile,
    channel,
    channel_type,
    ts,
    thread_ts,
    text,
  } = event;
  if (hidden === true || !READ_SUBTYPES.has(subtype))
    return { ignored: `subtype ${subtype ?? "hidden"}` };
  if (user === bot.user || bot_id === bot.bot) return { ignored: "written by the bot itself" };
  if (bot_id || bot_profile) return { ignored: "written by another bot" };
  if (user === undefined || user === "USLACKBOT") return { ignored: "not written by a person" };
  // app_mention carries no channel_type; the ids of direct messages begin with D.
  if (channel_type === "im" || channel.startsWith("D")) return { addressed: "direct" };
  if (type === "app_mention" || mentionedIn(text ?? "").includes(bot.user))
    return { addressed: "mention" };
  if (thread_ts !== undefined && thread_ts !== ts) return { addressed: "thread" };
  return { ignored: "nobody addressed the bot" };
}

/** Files that Slack shows by their id alone (`file_access: check_file_info`) have no URL here and are left out. */
function attachmentsOf({ files }: MessageEvent): Attachment[] {
  return (files ?? []).flatMap((file) => {
    const url = file.url_private_download ?? file.url_private;
    if (url === undefined) return [];
    const { id, name, mimetype, size } = file;
    const known = { id, name: name ?? id, type: mimetype ?? "application/octet-stream", url };
    return [typeof size === "number" ? { ...known, size } : known];
  });
}
