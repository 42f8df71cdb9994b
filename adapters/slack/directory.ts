import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Log } from "../../src/log.ts";
import type { ChannelInfo } from "../../src/relay/message.ts";
import { File } from "./files.ts";
import { createLookups } from "./lookups.ts";
import { type Names, readText } from "./text.ts";

/** What users.info says of somebody, as far as it matters here. */
export interface Profile {
  readonly name: string | undefined;
  /** Single- or multi-channel guest. */
  readonly guest: boolean;
  /** Of another workspace, and in no channel with the bot's. */
  readonly stranger: boolean;
  readonly team: string | undefined;
  /** The Enterprise Grid organisation. */
  readonly organisation: string | undefined;
}

/** What Slack has told of people, channels and files. */
export interface Directory extends Names {
  readonly profile: (id: string) => Profile | undefined;
  readonly where: (channel: string) => ChannelInfo;
  readonly file: (id: string) => File | undefined;
  /** Asks for all of it at once; takes about a second at most, and never rejects. */
  learn(subjects: Subjects): Promise<void>;
}

export interface Subjects {
  readonly people?: readonly string[];
  readonly channels?: readonly string[];
  readonly files?: readonly string[];
}

interface DirectoryOptions {
  /** With a short timeout and without retries: Slack waits for an acknowledgement meanwhile. */
  readonly client: WebClient;
  readonly log: Log;
}

const User = z.object({
  user: z.object({
    name: z.string().optional(),
    real_name: z.string().optional(),
    team_id: z.string().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    enterprise_user: z.object({ enterprise_id: z.string().optional() }).optional(),
    profile: z.object({ display_name: z.string().optional() }).optional(),
  }),
});

const Channel = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_im: z.boolean().optional(),
    is_mpim: z.boolean().optional(),
    topic: z.object({ value: z.string().optional() }).optional(),
  }),
});

const FileInfo = z.object({ file: File });

export function createDirectory({ client, log }: DirectoryOptions): Directory {
  const people = createLookups({ what: "person", ask: (id) => profileOf(client, id), log });
  const channels = createLookups({ what: "channel", ask: (id) => channelOf(client, id), log });
  const files = createLookups({ what: "file", ask: (id) => fileOf(client, id), log });
  const user = (id: string): string | undefined => people.get(id)?.name;

  return {
    user,
    profile: people.get,
    where(id) {
      const { name, topic } = channels.get(id) ?? {};
      return { ...(name && { name }), ...(topic && { topic: readText(topic, { user }) }) };
    },
    file: files.get,
    async learn(subjects) {
      await Promise.all([
        people.learn(subjects.people ?? []),
        channels.learn((subjects.channels ?? []).filter(isNamed)),
        files.learn(subjects.files ?? []),
      ]);
    },
  };
}

/** Direct messages have no name or topic; their ids begin with D. */
function isNamed(channel: string): boolean {
  return !channel.startsWith("D");
}

async function profileOf(client: WebClient, id: string): Promise<Profile> {
  const { user } = User.parse(await client.users.info({ user: id }));
  return {
    name: [user.profile?.display_name, user.real_name, user.name].find(Boolean),
    guest: user.is_restricted === true || user.is_ultra_restricted === true,
    stranger: user.is_stranger === true,
    team: user.team_id,
    organisation: user.enterprise_user?.enterprise_id,
  };
}

/** The topic as Slack keeps it, with its tokens and entities. */
async function channelOf(
  client: WebClient,
  id: string,
): Promise<{ readonly name?: string | undefined; readonly topic?: string | undefined }> {
  const { channel } = Channel.parse(await client.conversations.info({ channel: id }));
  // The name of a group message is made of its members' and says nothing.
  if (channel.is_im === true || channel.is_mpim === true) return {};
  return { name: channel.name, topic: channel.topic?.value };
}

async function fileOf(client: WebClient, id: string): Promise<File> {
  return FileInfo.parse(await client.files.info({ file: id })).file;
}
