import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { createSlackSimulator } from "../../simulator/slack/index.ts";
import { makeSchema } from "../../simulator/slack/make-schema.ts";
import { clientOf } from "./slack-client.ts";

const refusedWith = (error: string) =>
  expect.objectContaining({ data: expect.objectContaining({ error }) });

test("the committed request schema is what the installed Slack types give", async () => {
  const committed: unknown = JSON.parse(
    await readFile(new URL("../../simulator/slack/request-schema.json", import.meta.url), "utf8"),
  );
  expect(committed).toEqual(await makeSchema());
});

describe("requests", () => {
  test("are held to Slack's types, lengths and rules", async () => {
    await using slack = await createSlackSimulator({ limits: "off" });
    const client = clientOf(slack);
    const { ts } = slack.say({ channel: "C0OPS", user: "U0ANA", text: "hi" });
    const channel = "C0OPS";
    const post = (args: Record<string, unknown>) => client.apiCall("chat.postMessage", args);
    await expect(post({ markdown_text: "x" })).rejects.toEqual(refusedWith("invalid_arguments"));
    await expect(post({ channel, markdown_text: "x", colour: "red" })).rejects.toEqual(
      refusedWith("invalid_arguments"),
    );
    await expect(post({ channel, markdown_text: "x", unfurl_links: "maybe" })).rejects.toEqual(
      refusedWith("invalid_arguments"),
    );
    await expect(post({ channel, blocks: [{ type: "section", text: "x" }] })).rejects.toEqual(
      refusedWith("invalid_arguments"),
    );
    await expect(post({ channel })).rejects.toEqual(refusedWith("no_text"));
    await expect(post({ channel, text: "x", markdown_text: "x" })).rejects.toEqual(
      refusedWith("markdown_text_conflict"),
    );
    await expect(post({ channel, markdown_text: "x".repeat(12_001) })).rejects.toEqual(
      refusedWith("msg_too_long"),
    );
    await expect(post({ channel, markdown_text: "x", thread_ts: "1.1" })).rejects.toEqual(
      refusedWith("thread_not_found"),
    );
    await expect(post({ channel: "C0NONE", markdown_text: "x" })).rejects.toEqual(
      refusedWith("channel_not_found"),
    );
    await expect(client.apiCall("chat.meMessage", { channel })).rejects.toEqual(
      refusedWith("unknown_method"),
    );
    await post({
      channel,
      markdown_text: "x".repeat(12_000),
      thread_ts: ts,
    });
    const [, own] = slack.thread(channel, ts);
    const update = { channel, ts: own?.ts ?? "", text: "x".repeat(4001) };
    await expect(client.chat.update(update)).rejects.toEqual(refusedWith("msg_too_long"));
    await expect(client.chat.update({ channel, ts, text: "x" })).rejects.toEqual(
      refusedWith("cant_update_message"),
    );
    await expect(client.chat.delete({ channel, ts: "1.1" })).rejects.toEqual(
      refusedWith("message_not_found"),
    );
    expect(slack.thread(channel, ts)).toHaveLength(2);
  });

  test("need the right token and its scopes, in form fields or JSON", async () => {
    await using slack = await createSlackSimulator({ seedWorld: { scopes: ["chat:write"] } });
    const call = async (method: string, token: string, body: object) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      const response = await fetch(slack.apiUrl + method, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return response.json();
    };
    const { bot, app } = slack.world.tokens;
    expect(await call("auth.test", "xoxb-wrong", {})).toMatchObject({
      ok: false,
      error: "invalid_auth",
    });
    expect(await call("auth.test", app, {})).toMatchObject({ error: "not_allowed_token_type" });
    expect(await call("users.info", bot, { user: "U0ANA" })).toMatchObject({
      error: "missing_scope",
    });
    expect(await call("chat.postMessage", bot, { channel: "C0OPS", text: "hi" })).toMatchObject({
      ok: true,
    });
    expect(await clientOf(slack).auth.test()).toMatchObject({
      response_metadata: { scopes: ["chat:write"] },
    });
  });

  test("are limited like the real ones: about one post a second in a channel, fifty edits a minute in all", async () => {
    await using slack = await createSlackSimulator();
    const client = clientOf(slack);
    slack.world.addChannel({ id: "C0DEV", name: "dev" });
    const post = (channel: string) => client.apiCall("chat.postMessage", { channel, text: "x" });
    await post("C0OPS");
    const [first] = slack.messages("C0OPS");
    for (let count = 1; count < 5; count += 1) await post("C0OPS");
    await expect(post("C0OPS")).rejects.toMatchObject({ retryAfter: expect.closeTo(5, 0) });
    await post("C0DEV");
    const edit = (text: string) =>
      client.chat.update({ channel: "C0OPS", ts: first?.ts ?? "", text });
    for (let count = 0; count < 50; count += 1) await edit(`edit ${count}`);
    await expect(edit("one too many")).rejects.toMatchObject({ retryAfter: expect.closeTo(60, 0) });
    expect(first?.edits).toHaveLength(50);
  });
});

test("files go up with the SDK, and come down only with the bot's token", async () => {
  await using slack = await createSlackSimulator({ limits: "off" });
  await clientOf(slack).filesUploadV2({
    channel_id: "C0OPS",
    filename: "a.csv",
    file: Buffer.from("a,b\n"),
  });
  const [message] = slack.messages("C0OPS");
  expect(message?.files[0]).toMatchObject({ name: "a.csv", content: Buffer.from("a,b\n") });
  const { file } = await clientOf(slack).files.info({ file: message?.files[0]?.id ?? "" });
  const download = async (token: string): Promise<[string | null, string]> => {
    const response = await fetch(file?.url_private ?? "", {
      headers: { authorization: `Bearer ${token}` },
    });
    return [response.headers.get("content-type"), await response.text()];
  };
  expect(await download(slack.world.tokens.bot)).toEqual(["application/octet-stream", "a,b\n"]);
  expect(await download("xoxb-wrong")).toEqual([
    "text/html; charset=utf-8",
    expect.stringContaining("Sign in"),
  ]);
});

test("deliveries are repeated, doubled and given up as Slack does, and only what is subscribed is sent", async () => {
  const requests: Request[] = [];
  await using slack = await createSlackSimulator({
    timings: { acknowledgement: 100, redeliveries: [0, 0] },
    subscribed: ["app_mention", "message.channels"],
    eventsTo: async (request) => {
      requests.push(request);
      return new Response(null, { status: 500 });
    },
  });
  const said = slack.say({ channel: "C0OPS", user: "U0ANA", text: "hi" });
  slack.react(said, "U0LEE", "eyes");
  const [delivery] = slack.deliveries;
  await slack.waitFor(() => delivery?.lost);
  expect(requests.map((request) => request.headers.get("x-slack-retry-num"))).toEqual([
    null,
    "1",
    "2",
  ]);
  expect(slack.deliveries).toHaveLength(1);
  slack.faults.duplicateDelivery(2);
  slack.say({ channel: "C0OPS", user: "U0ANA", text: "<@U0BOT> hi" });
  const ids = slack.deliveries.slice(1).map(({ payload }) => payload["event_id"]);
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(2);
});
