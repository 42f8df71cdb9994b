import { expect, test } from "vitest";
import { createHttpHandler } from "../../adapters/slack/http.ts";
import { signedRequest } from "../../simulator/slack/index.ts";
import { startSlack } from "./slack-setup.ts";

const URL = "http://127.0.0.1/slack/events";
const SECRET = "simulator-signing-secret";
const CHALLENGE = JSON.stringify({ type: "url_verification", challenge: "abc" });

test("only requests with Slack's fresh signature over the raw body are heard", async () => {
  await using setup = await startSlack({ http: true });
  const { handle } = setup.platform;
  const minute = 60_000;
  const answer = async (request: Request): Promise<[number, string]> => {
    const response = await handle(request);
    return [response.status, await response.text()];
  };
  expect(await answer(signedRequest(SECRET, CHALLENGE, { url: URL }))).toEqual([
    200,
    '{"challenge":"abc"}',
  ]);
  expect(await answer(signedRequest("other", CHALLENGE, { url: URL }))).toEqual([401, ""]);
  for (const at of [Date.now() - 6 * minute, Date.now() + 6 * minute]) {
    expect(await answer(signedRequest(SECRET, CHALLENGE, { url: URL, at }))).toEqual([401, ""]);
  }
  const signed = signedRequest(SECRET, CHALLENGE, { url: URL });
  const tampered = new Request(URL, {
    method: "POST",
    headers: signed.headers,
    body: `${CHALLENGE} `,
  });
  expect(await answer(tampered)).toEqual([401, ""]);
  expect(await answer(new Request(URL, { method: "POST", body: CHALLENGE }))).toEqual([401, ""]);
  expect(await answer(new Request(URL))).toEqual([405, ""]);
  expect(await answer(new Request(URL, { method: "POST", body: "x".repeat(2 ** 20 + 1) }))).toEqual(
    [413, ""],
  );
});

test("an event is answered with 200 only after receive has committed; until then Slack repeats it", async () => {
  let calls = 0;
  await using setup = await startSlack({
    http: true,
    simulator: { timings: { acknowledgement: 1000, redeliveries: [0, 0] } },
    receive: async () => {
      calls += 1;
      if (calls === 1) throw new Error("the store is away");
    },
  });
  const { slack, platform, received } = setup;
  expect(platform.ready).toBe(true);
  const { id } = slack.world.openIm("U0ANA");
  slack.say({ channel: id, user: "U0ANA", text: "over HTTP" });
  const [delivery] = slack.deliveries;
  await slack.waitFor(() => delivery?.acknowledged);
  expect(delivery?.attempts.map((attempt) => attempt.reason)).toEqual(["", "http_error"]);
  expect(received.map((message) => message.text)).toEqual(["over HTTP"]);
  expect(slack.calls.some((call) => call.method === "apps.connections.open")).toBe(false);
});

test("commands and clicks come to the same address, and a stopped platform leaves everything to a later delivery", async () => {
  await using setup = await startSlack({ http: true });
  const { slack, platform } = setup;
  const command = slack.slash({ command: "/patchbay", text: "", channel: "C0OPS", user: "U0ANA" });
  const said = slack.say({ channel: "C0OPS", user: "U0ANA", text: "hi" });
  const click = slack.clickButton(said, "approve", "yes", "U0ANA");
  await slack.waitFor(() => command.acknowledged && click.acknowledged);
  expect(command.acknowledged?.response).toMatchObject({ response_type: "ephemeral" });
  await platform.stop();
  expect(platform.ready).toBe(false);
  const event = JSON.stringify({
    type: "event_callback",
    team_id: "T0SIM",
    event: { type: "app_mention" },
  });
  const response = await platform.handle(signedRequest(SECRET, event, { url: URL }));
  expect(response.status).toBe(503);
});

test("a command is answered as soon as it is acknowledged, though work on it goes on", async () => {
  const done = Promise.withResolvers<boolean>();
  const handle = createHttpHandler({
    signingSecret: SECRET,
    now: Date.now,
    process: async ({ acknowledge }) => {
      await acknowledge({ text: "in a moment" });
      return done.promise;
    },
  });
  const response = await handle(signedRequest(SECRET, "{}", { url: URL }));
  expect([response.status, await response.json()]).toEqual([200, { text: "in a moment" }]);
  done.resolve(true);
});

test("in Socket Mode nothing is served over HTTP", async () => {
  await using setup = await startSlack();
  const response = await setup.platform.handle(signedRequest(SECRET, CHALLENGE, { url: URL }));
  expect(response.status).toBe(404);
});
