import { expect, test } from "vitest";

import { createLog } from "../../src/log.ts";
import { conversationKey } from "../../src/relay/conversation.ts";
import type { IncomingMessage } from "../../src/relay/message.ts";
import { eventId } from "../../src/store/event-id.ts";
import { createInbox, type Inbox } from "../../src/store/inbox.ts";
import { becomeOwner, type Owner } from "../../src/store/owner.ts";
import { createParts } from "../../src/store/parts.ts";
import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { openQueue, type Queue } from "../../src/store/queue.ts";
import { createTurns, type Turns } from "../../src/store/turns.ts";
import { createDatabase, hasPostgres, onEachDatabase } from "../doubles/database.ts";

const log = createLog("silent");
const conversation = { platform: "slack", workspace: "T1", channel: "C1", root: "100.1" } as const;

function messageOf(id: string, more: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    id,
    conversation,
    ancestors: [],
    author: { id: "U1", name: "Ana" },
    standing: "member",
    where: {},
    text: `message ${id}`,
    sentAt: 1_700_000_000_000 + Number(id),
    addressed: "mention",
    files: [],
    ...more,
  };
}

interface Store extends AsyncDisposable {
  database: Database;
  queue: Queue;
  owner: Owner;
  inbox: Inbox;
  turns: Turns;
  receive(message: IncomingMessage): Promise<string>;
}

async function openStore(database: Database): Promise<Store> {
  const queue = await openQueue(database, log);
  const owner = await becomeOwner(database, log);
  const inbox = createInbox(database, queue);
  return {
    database,
    queue,
    owner,
    inbox,
    turns: createTurns(database, queue, owner),
    receive: (message) =>
      inbox.receive(
        eventId(message.sentAt, message.id),
        conversationKey(message.conversation),
        message,
      ),
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]();
      await owner[Symbol.asyncDispose]();
    },
  };
}

onEachDatabase((backend) => {
  test("a message that is delivered four times is one message, and one job", async () => {
    await using database = await backend.open();
    await using store = await openStore(database);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => store.receive(messageOf("1"))));
    expect(outcomes.toSorted()).toEqual(["duplicate", "duplicate", "duplicate", "new"]);
    expect(await store.queue.claim(10)).toHaveLength(1);
    expect(await store.queue.claim(10)).toHaveLength(0);
  });

  test("a twin adds the files that the first one lacked, until a run has started", async () => {
    await using database = await backend.open();
    await using store = await openStore(database);
    const file = { id: "F1", name: "a.txt", type: "text/plain", url: "https://files.example/a" };
    await store.receive(messageOf("1"));
    await store.receive(messageOf("1", { files: [file] }));
    const [claim] = await store.queue.claim(1);
    const turn = await store.turns.begin(claim!);
    expect(turn.messages[0]?.files).toEqual([file]);
    await store.turns.setRun(claim!, "run_1");
    await store.receive(messageOf("1", { files: [file, { ...file, id: "F2" }] }));
    await store.turns.release(claim!, "test", false);
    const [again] = await store.queue.claim(1);
    expect((await store.turns.begin(again!)).messages[0]?.files).toEqual([file]);
  });

  test("a turn answers what else waits in its conversation, in order, and ends all of it at once", async () => {
    await using database = await backend.open();
    await using store = await openStore(database);
    for (const id of ["1", "2", "3"]) await store.receive(messageOf(id));
    const [claim] = await store.queue.claim(5);
    const turn = await store.turns.begin(claim!);
    expect(turn.messages.map((message) => message.id)).toEqual(["1", "2", "3"]);
    await store.turns.setRun(claim!, "run_1");
    await store.receive(messageOf("4"));
    await store.turns.finish(claim!, "done");
    const [next] = await store.queue.claim(5);
    expect((await store.turns.begin(next!)).messages.map((message) => message.id)).toEqual(["4"]);
  });

  test("an attempt that was overtaken cannot write, finish or post", async () => {
    await using database = await backend.open();
    await using store = await openStore(database);
    await store.receive(messageOf("1"));
    const [stale] = await store.queue.claim(1);
    await store.turns.begin(stale!);
    await store.turns.release(stale!, "test", false);
    const [fresh] = await store.queue.claim(1);
    const turn = await store.turns.begin(fresh!);
    expect(turn.claim.attempt).toBe(1);
    await expect(store.turns.setRun(stale!, "run_1")).rejects.toThrow("Another attempt");
    await expect(store.turns.finish(stale!, "done")).rejects.toThrow("Another attempt");
    await expect(createParts(database).intend(stale!, 0, "n")).rejects.toThrow("Another attempt");
    await store.turns.finish(fresh!, "done");
    expect(await store.queue.claim(1)).toEqual([]);
  });

  test("ten messages of one conversation are claimed one at a time, in the order of arrival", async () => {
    await using database = await backend.open();
    await using store = await openStore(database);
    const ids = Array.from({ length: 10 }, (_, index) => String(index + 1));
    for (const id of ids) {
      await store.receive(messageOf(id, { conversation: { ...conversation, root: "200.1" } }));
    }
    // Each turn has its run at once, so that it takes no more than its head.
    const seen: string[] = [];
    for (;;) {
      const claims = await store.queue.claim(5);
      if (claims.length === 0) break;
      expect(claims).toHaveLength(1);
      const claim = claims[0]!;
      await database.query(
        "update incoming set state = 'taken' where state = 'queued' and id <> $1",
        [claim.id],
      );
      const turn = await store.turns.begin(claim);
      seen.push(...turn.messages.map((message) => message.id));
      await database.query(
        "update incoming set state = 'queued' where state = 'taken' and turn_id is null",
      );
      await store.turns.finish(claim, "done");
    }
    expect(seen).toEqual(ids);
  });

  test("a reply's reply belongs to the conversation of the question", async () => {
    await using database = await backend.open();
    await using store = await openStore(database);
    await store.receive(messageOf("1"));
    const [claim] = await store.queue.claim(1);
    await store.turns.begin(claim!);
    const parts = createParts(database);
    await parts.intend(claim!, 0, "nonce");
    await parts.posted(claim!, 0, "900.9", 5);
    expect(await store.inbox.conversationOf("slack/T1/C1", "900.9")).toBe("slack/T1/C1/100.1");
    expect(await store.inbox.conversationOf("slack/T1/C1", "1")).toBe("slack/T1/C1/100.1");
    expect(await store.inbox.conversationOf("slack/T1/C2", "1")).toBeUndefined();
  });
});

test.skipIf(!hasPostgres)("owners that are gone lose their turns within one look", async () => {
  const home = await createDatabase();
  const first = await openDatabase({ url: home.url });
  await migrate(first);
  const dying = await openStore(first);
  const second = await openDatabase({ url: home.url });
  const living = await openStore(second);
  await dying.receive(messageOf("1"));
  const [claim] = await dying.queue.claim(1);
  await dying.turns.begin(claim!);
  expect(await living.turns.reap()).toBe(0);
  await dying[Symbol.asyncDispose]();
  expect(await living.turns.reap()).toBe(1);
  expect(await living.queue.claim(1)).toEqual([{ id: claim!.id, attempt: 1 }]);
  await living[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await home.drop();
});

test.skipIf(!hasPostgres)(
  "processes that start together on an empty Postgres all start",
  async () => {
    const home = await createDatabase();
    const databases = await Promise.all([1, 2, 3].map(() => openDatabase({ url: home.url })));
    await Promise.all(databases.map((database) => migrate(database)));
    const queues = await Promise.all(databases.map((database) => openQueue(database, log)));
    expect(queues).toHaveLength(3);
    for (const one of [...queues, ...databases]) await one[Symbol.asyncDispose]();
    await home.drop();
  },
);
