import { expect, test } from "vitest";
import { createSlackSimulator } from "../../simulator/slack/index.ts";
import { clientOf } from "./slack-client.ts";

test("people, topics, prompts and answers to commands are as Slack has them", async () => {
  const guest = { id: "U0ONE", is_restricted: true, is_ultra_restricted: true };
  const colleague = { id: "U0GRID", team_id: "T0TWO", is_stranger: false, enterprise_id: "E0" };
  await using slack = await createSlackSimulator({
    seedWorld: {
      users: [{ id: "U0ANA" }, guest, colleague, { id: "U0FAR", team_id: "T0FAR" }],
      channels: [{ id: "C0OPS", name: "ops", topic: "a &amp; b" }],
    },
  });
  const client = clientOf(slack);
  const about = async (user: string) => (await client.users.info({ user })).user;
  expect(await about("U0ONE")).toMatchObject({ is_restricted: true, is_ultra_restricted: true });
  expect(await about("U0FAR")).toMatchObject({ is_stranger: true, team_id: "T0FAR" });
  expect(await about("U0GRID")).toMatchObject({
    is_stranger: false,
    enterprise_user: { enterprise_id: "E0" },
  });
  const { channel } = await client.conversations.info({ channel: "C0OPS" });
  expect(channel).toMatchObject({ name: "ops", topic: { value: "a &amp; b" } });

  const { id } = slack.world.openIm("U0ANA");
  const { ts } = slack.say({ channel: id, user: "U0ANA", text: "hi" });
  const prompts = [{ title: "Status", message: "What is deployed?" }];
  const suggest = { channel_id: id, prompts };
  await client.assistant.threads.setSuggestedPrompts({ ...suggest, thread_ts: ts });
  expect(slack.world.prompts.get(id)).toBeUndefined();
  await client.assistant.threads.setSuggestedPrompts({ ...suggest, title: "Ask me" });
  expect(slack.world.prompts.get(id)).toEqual({ title: "Ask me", prompts });

  const told: unknown[] = [];
  slack.subscribe((change) => change.type === "ephemeral" && told.push(change));
  const { payload } = slack.slash({ command: "/a", text: "", channel: "C0OPS", user: "U0ANA" });
  const respond = (body: object): Promise<Response> =>
    fetch(String(payload["response_url"]), { method: "POST", body: JSON.stringify(body) });
  expect((await respond({ markdown_text: "no" })).status).toBe(400);
  expect((await respond({ text: "yes" })).status).toBe(200);
  expect(told).toEqual([{ type: "ephemeral", channel: "C0OPS", user: "U0ANA", text: "yes" }]);
});

test("a forwarded message hangs on the other one, and a file from elsewhere is shown by its id alone", async () => {
  await using slack = await createSlackSimulator();
  const channel = "C0OPS";
  const file = { name: "a.txt", mimetype: "text/plain", content: "a", byIdOnly: true };
  const first = slack.say({ channel, user: "U0LEE", text: "look", files: [file] });
  const second = slack.say({ channel, user: "U0ANA", text: "this", forwarded: [first] });
  const { messages = [] } = await clientOf(slack).conversations.history({ channel });
  const shown = messages.find(({ ts }) => ts === second.ts)?.attachments?.[0];
  expect(shown).toMatchObject({ is_share: true, author_name: "Lee", text: "look", ts: first.ts });
  const [id] = first.files.map((each) => each.id);
  const inMessage = messages.find(({ ts }) => ts === first.ts)?.files?.[0];
  expect(inMessage).toMatchObject({ id, name: "", file_access: "check_file_info" });
  expect(inMessage).not.toHaveProperty("url_private");
  const whole = await clientOf(slack).files.info({ file: id ?? "" });
  expect(whole.file).toMatchObject({ id, name: "a.txt", url_private: expect.any(String) });
});
