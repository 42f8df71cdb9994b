import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { EarlierMessage, Person } from "../../src/relay/message.ts";
import type { Reader } from "../../src/relay/platform.ts";
import type { Directory } from "./directory.ts";
import { call } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { listOf } from "./list.ts";
import { attachmentsOf, Message, subjectsOf, textOf, timeOf } from "./message.ts";

/** Messages on one page; Slack recommends no more than 200. */
const PAGE = 200;
/** Pages that are read at most. Slack gives the oldest first, so in a longer thread the newest are not reached. */
const PAGES = 10;

/** What somebody wrote; joins, topics and what Slack says itself are none of it. */
const READ_SUBTYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  "bot_message",
  "file_share",
  "me_message",
  "thread_broadcast",
]);

const Page = z.object({
  messages: listOf(Message),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

interface EarlierOptions {
  readonly client: WebClient;
  readonly identity: () => Identity | undefined;
  readonly directory: Directory;
}

export function createEarlier({ client, identity, directory }: EarlierOptions): Reader["earlier"] {
  return async ({ conversation: { channel, root }, question }, { count, after }) => {
    if (root === undefined || root === question || count <= 0) return [];
    const thread = await readThread(client, { channel, root, question, after });
    const before = thread
      .filter(({ ts, subtype, hidden }) => {
        const isNew = after === undefined || isOlder(after, ts);
        return isOlder(ts, question) && isNew && hidden !== true && READ_SUBTYPES.has(subtype);
      })
      .toSorted((left, right) => Number(left.ts) - Number(right.ts))
      .slice(-count);
    await learnAll(directory, before);
    return before.map((message) => earlierOf(message, identity(), directory));
  };
}

interface Range {
  readonly channel: string;
  readonly root: string;
  readonly question: string;
  readonly after: string | undefined;
}

async function readThread(
  client: WebClient,
  { channel, root, question, after }: Range,
): Promise<Message[]> {
  const thread: Message[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const { messages, response_metadata } = await call(async () =>
      Page.parse(
        await client.conversations.replies({
          channel,
          ts: root,
          latest: question,
          limit: PAGE,
          ...(after !== undefined && { oldest: after }),
          ...(cursor !== undefined && { cursor }),
        }),
      ),
    );
    thread.push(...messages);
    cursor = response_metadata?.next_cursor;
    if (cursor === undefined || cursor === "") break;
  }
  // The root comes along with every page.
  return [...new Map(thread.map((message) => [message.ts, message])).values()];
}

async function learnAll(directory: Directory, messages: readonly Message[]): Promise<void> {
  const subjects = messages.map(subjectsOf);
  await directory.learn({
    people: [...new Set(subjects.flatMap(({ people = [] }) => people))],
    files: subjects.flatMap(({ files = [] }) => files),
  });
}

function earlierOf(
  message: Message,
  bot: Identity | undefined,
  directory: Directory,
): EarlierMessage {
  return {
    id: message.ts,
    author: authorOf(message, directory),
    own: bot !== undefined && (message.user === bot.user || message.bot_id === bot.bot),
    text: textOf(message, bot, directory),
    sentAt: timeOf(message.ts),
    files: attachmentsOf(message, directory),
  };
}

/** Other bots are called as they call themselves in the message. */
function authorOf({ user, bot_id, bot_profile, username }: Message, directory: Directory): Person {
  const id = user ?? bot_id ?? "";
  const asBot = bot_id ? username || bot_profile?.name : undefined;
  return { id, name: asBot || directory.user(id) || username || id };
}

function isOlder(left: string, right: string): boolean {
  return Number(left) < Number(right);
}
