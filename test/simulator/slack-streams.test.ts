import { expect, test } from "vitest";
import { createSlackSimulator, type SlackSimulator } from "../../simulator/slack/index.ts";
import { clientOf } from "./slack-client.ts";

const refusedWith = (error: string) =>
  expect.objectContaining({ data: expect.objectContaining({ error }) });
const RECIPIENT = { recipient_user_id: "U0ANA", recipient_team_id: "T0SIM" };
const chunks = (text: string) => [{ type: "markdown_text" as const, text }];

/** A question, and where the answer to it is streamed. */
const ask = (slack: SlackSimulator) => {
  const channel = "C0OPS";
  const { ts: thread_ts } = slack.say({ channel, user: "U0ANA", text: "<@U0BOT> hi" });
  return { channel, thread_ts };
};

test("a stream grows, shows tasks, refuses edits and deletion while it is open, and stops with its last words", async () => {
  await using slack = await createSlackSimulator({ limits: "off" });
  const { chat, conversations } = clientOf(slack);
  const place = ask(slack);
  const { channel } = place;
  await expect(chat.startStream(place)).rejects.toEqual(refusedWith("missing_recipient_user_id"));
  await expect(
    chat.startStream({ ...place, ...RECIPIENT, recipient_user_id: "U0FAR" }),
  ).rejects.toEqual(refusedWith("user_not_found"));
  const { ts = "" } = await chat.startStream({ ...place, ...RECIPIENT, chunks: chunks("one") });
  await chat.appendStream({ channel, ts, chunks: chunks(" two") });
  const task = {
    type: "task_update" as const,
    id: "a",
    title: "Look",
    status: "complete" as const,
  };
  await chat.appendStream({ channel, ts, chunks: [task] });
  const message = slack.message(channel, ts);
  expect(message).toMatchObject({ text: "one two" });
  expect(message?.stream?.tasks.get("a")).toEqual({ title: "Look", status: "complete" });
  const words = { channel, ts, markdown_text: "x" };
  await expect(chat.appendStream(words)).rejects.toEqual(refusedWith("streaming_mode_mismatch"));
  await expect(chat.update(words)).rejects.toEqual(refusedWith("streaming_state_conflict"));
  await expect(chat.delete({ channel, ts })).rejects.toEqual(refusedWith("cant_delete_message"));
  const shown = async (): Promise<unknown> => {
    const { messages = [] } = await conversations.replies({ channel, ts: place.thread_ts });
    return messages.find((each) => each.ts === ts);
  };
  expect(await shown()).toMatchObject({ streaming_state: "in_progress" });
  await chat.stopStream({ channel, ts, chunks: chunks(" three") });
  expect(message?.text).toBe("one two three");
  expect(await shown()).toMatchObject({ streaming_state: "completed" });
  await expect(chat.stopStream({ channel, ts })).rejects.toEqual(
    refusedWith("message_not_in_streaming_state"),
  );
  await chat.update(words);
  expect(message?.text).toBe("x");
});

test("a stream that has lived its time takes no more, and can be edited", async () => {
  await using slack = await createSlackSimulator({ limits: "off", streamLifetime: -1 });
  const { chat } = clientOf(slack);
  const place = ask(slack);
  const { ts = "" } = await chat.startStream({ ...place, ...RECIPIENT });
  const words = { channel: place.channel, ts, markdown_text: "x" };
  await expect(chat.appendStream(words)).rejects.toEqual(
    refusedWith("message_not_in_streaming_state"),
  );
  await chat.update(words);
  expect(slack.message(place.channel, ts)?.text).toBe("x");
});

test("Slack's stop button is there while a session is processing, and ends the streams of its thread", async () => {
  await using slack = await createSlackSimulator({ limits: "off" });
  const { agents, chat } = clientOf(slack);
  const place = ask(slack);
  const { ts = "" } = await chat.startStream({ ...place, ...RECIPIENT });
  const press = (): void => slack.stopStream({ ...place, user: "U0ANA" });
  expect(press).toThrow("There is no stop button");
  const { channel, thread_ts } = place;
  await agents.sessions.setStatus({ channel_id: channel, thread_ts, status: "processing" });
  press();
  await expect(chat.appendStream({ channel, ts, markdown_text: "x" })).rejects.toEqual(
    refusedWith("stopped_by_user"),
  );
  expect(slack.deliveries.at(-1)?.payload).toMatchObject({
    event: { type: "agent_session_stopped", thread_ts, streaming_message_ts: [ts] },
  });
});

test("streams are limited like the real ones: twenty begun in a minute, a hundred times appended to", async () => {
  await using slack = await createSlackSimulator();
  const { chat } = clientOf(slack);
  const place = ask(slack);
  const start = () => chat.startStream({ ...place, ...RECIPIENT });
  const { ts = "" } = await start();
  for (let count = 1; count < 20; count += 1) await start();
  await expect(start()).rejects.toMatchObject({ retryAfter: expect.closeTo(60, 0) });
  const append = () => chat.appendStream({ channel: place.channel, ts, markdown_text: "x" });
  for (let count = 0; count < 100; count += 1) await append();
  await expect(append()).rejects.toMatchObject({ retryAfter: expect.closeTo(60, 0) });
  expect(slack.message(place.channel, ts)?.text).toBe("x".repeat(100));
});

test("a deleted message is gone, but a root with replies stays as a tombstone", async () => {
  await using slack = await createSlackSimulator();
  const { channel, thread_ts } = ask(slack);
  const reply = slack.say({ channel, user: "U0LEE", text: "well", thread_ts });
  const root = slack.message(channel, thread_ts);
  if (root === undefined) throw new Error("There is no root.");
  slack.remove(root);
  expect(slack.message(channel, thread_ts)).toMatchObject({ subtype: "tombstone" });
  expect(slack.deliveries.at(-1)?.payload).toMatchObject({
    event: {
      subtype: "message_changed",
      message: { subtype: "tombstone", ts: thread_ts },
      previous_message: { text: "<@U0BOT> hi" },
    },
  });
  slack.remove(reply);
  expect(slack.thread(channel, thread_ts)).toHaveLength(1);
  expect(slack.deliveries.at(-1)?.payload).toMatchObject({
    event: { subtype: "message_deleted", deleted_ts: reply.ts },
  });
});
