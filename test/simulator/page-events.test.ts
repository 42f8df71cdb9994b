import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Happening } from "../../simulator/page/index.ts";
import { openPlayground, OPS, type Visit } from "./playground.ts";

let page: Visit;

beforeEach(async () => {
  page = await openPlayground();
});

afterEach(async () => {
  await page[Symbol.asyncDispose]();
});

describe("live events", () => {
  test("bring posts, edits, statuses and deletions as they happen", async () => {
    await using events = await page.listen();
    expect(await events.next("snapshot")).toMatchObject({
      messages: [],
      people: ["Ana", "Lee", "Sam"],
    });
    const root = await page.say({ room: OPS, person: "Ana", text: "@Patchbay hi" });
    expect(await events.next("message")).toMatchObject({ message: { id: root, author: "Ana" } });

    await page.slackApi("assistant.threads.setStatus", {
      channel_id: "C0OPS",
      thread_ts: root,
      status: "is thinking…",
    });
    expect(await events.next("status")).toMatchObject({
      status: { room: OPS, thread: root, text: "is thinking…" },
    });
    const { ts } = await page.slackApi("chat.postMessage", {
      channel: "C0OPS",
      thread_ts: root,
      markdown_text: "one",
    });
    expect(await events.next("message")).toMatchObject({
      message: { bot: true, html: "<p>one</p>", thread: root },
    });
    expect(await events.next("status")).toMatchObject({ status: { text: "" } });
    await page.slackApi("chat.update", { channel: "C0OPS", ts, markdown_text: "one **two**" });
    expect(await events.next("message")).toMatchObject({
      message: { id: ts, html: "<p>one <strong>two</strong></p>", edits: 1 },
    });
    await page.slackApi("chat.delete", { channel: "C0OPS", ts });
    expect(await events.next("removed")).toEqual({ type: "removed", message: ts });
  });

  test("show that the bot types on Discord until it has written", async () => {
    await using events = await page.listen();
    await events.next("snapshot");
    const channel = page.discord.channel("general");
    await page.discordApi(`/channels/${channel}/typing`);
    expect(await events.next("status")).toMatchObject({ status: { text: "is typing…" } });
    await page.discordApi(`/channels/${channel}/messages`, { content: "hello" });
    expect(await events.next("message")).toMatchObject({ message: { source: "hello", bot: true } });
    expect(await events.next("status")).toMatchObject({ status: { text: "" } });
  });

  test("bring whoever was away what changed meanwhile, each thing once and in its newest state", async () => {
    const kept = await page.say({ room: OPS, person: "Ana", text: "kept" });
    const changed = await page.say({ room: OPS, person: "Ana", text: "first" });
    await using before = await page.listen();
    await before.next("snapshot");
    const { lastId } = before;
    for (const text of ["second", "third"])
      await page.post("edit", { message: changed, person: "Ana", text });
    const later = await page.say({ room: OPS, person: "Lee", text: "later" });

    await using after = await page.listen(lastId);
    expect(await after.next("message")).toMatchObject({
      message: { id: changed, source: "third", edits: 2 },
    });
    expect(await after.next("message")).toMatchObject({ message: { id: later } });

    await using stranger = await page.listen("another-7");
    expect(await stranger.next("snapshot")).toMatchObject({
      messages: [{ id: kept }, { id: changed }, { id: later }],
    });
  });

  test("end when the playground is closed", async () => {
    await using events = await page.listen();
    await events.next("snapshot");
    page.playground.close();
    await expect(events.next("message")).rejects.toThrow("ended");
  });
});

describe("what happened", () => {
  test("is told per question, with times since it was written, and bound to the answer", async () => {
    const question = await page.say({
      room: OPS,
      person: "Ana",
      text: "@Patchbay what is the status of ticket OPS-1?",
    });
    const since = Math.floor(Number(question) * 1000);
    const tell = happen("turn-1", since);
    tell(3, { type: "received", message: question });
    tell(5, { type: "started", messages: [question], attempt: 0 });
    tell(9, { type: "run", run: "run_1", resumed: false });
    tell(20, { type: "tool", call: "call_1", name: "ticket_lookup", arguments: '{"id":"OPS-1"}' });
    tell(58, {
      type: "tool_ended",
      call: "call_1",
      name: "ticket_lookup",
      ok: true,
      output: '{"status":"open"}',
      duration: 38.2,
    });
    const { ts } = await page.slackApi("chat.postMessage", {
      channel: "C0OPS",
      thread_ts: question,
      markdown_text: "OPS-1",
    });
    tell(90, { type: "shown", part: 0, how: "post" });
    tell(400, { type: "shown", part: 0, how: "edit" });
    tell(700, { type: "shown", part: 0, how: "edit" });
    tell(701, { type: "ended", outcome: "done" });

    const [turn] = (await page.state()).turns;
    expect(turn).toMatchObject({ question, asker: "Ana", state: "done", replies: [ts] });
    expect(turn?.steps.map(({ label, ms }) => `${label} ${ms}`)).toEqual([
      "received 3",
      "run 9",
      "ticket_lookup 20",
      "first words 90",
      "2 edits 700",
      "final 701",
    ]);
    expect(turn?.tools).toMatchObject([
      { summary: 'id: "OPS-1"', ok: true, duration: 38, output: '{\n  "status": "open"\n}' },
    ]);
  });

  test("keeps a failed tool's error on one line and cuts what is too long to show", async () => {
    const question = await page.say({ room: OPS, person: "Ana", text: "@Patchbay deploy" });
    const tell = happen("turn-1", Date.now());
    tell(0, { type: "started", messages: [question], attempt: 0 });
    tell(1, { type: "tool", call: "c", name: "t", arguments: `{"a":"${"x".repeat(90)}"}` });
    const output = `Error: refused\nbecause ${"y".repeat(9_000)}`;
    tell(2, { type: "tool_ended", call: "c", name: "t", ok: false, output, duration: 1 });
    const tool = (await page.state()).turns[0]?.tools[0];
    expect(tool?.summary).toMatch(/^a: "x{50,}…$/);
    expect(tool?.error).toMatch(/^Error: refused because y+…$/);
    expect(tool?.output).toMatch(/and 5023 more characters$/);
  });

  test("is one turn for messages that are answered together", async () => {
    const questions = [
      await page.say({ room: "slack:D0ANA", person: "Ana", text: "one" }),
      await page.say({ room: "slack:D0ANA", person: "Ana", text: "two" }),
    ];
    for (const [index, message] of questions.entries())
      happen(`turn-${index}`, Date.now())(1, { type: "received", message });
    expect((await page.state()).turns).toHaveLength(2);
    happen("turn-0", Date.now())(2, { type: "started", messages: questions, attempt: 0 });
    expect((await page.state()).turns.map(({ id, state: now }) => [id, now])).toEqual([
      ["turn-0", "working"],
    ]);
  });

  test("about a message that is not on this page is left out", async () => {
    happen("turn-1", Date.now())(1, { type: "received", message: "nowhere" });
    happen("turn-2", Date.now())(1, { type: "run", run: "run_1", resumed: false });
    expect((await page.state()).turns).toEqual([]);
  });
});

type Told = Happening extends infer One
  ? One extends Happening
    ? Omit<One, "at" | "turn">
    : never
  : never;

/** Tells of one turn; times are milliseconds after `since`. */
function happen(turn: string, since: number): (ms: number, told: Told) => void {
  return (ms, told) => page.playground.tell({ at: since + ms, turn, ...told });
}
