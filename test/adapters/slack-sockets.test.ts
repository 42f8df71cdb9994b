import { afterEach, expect, test } from "vitest";
import { createLogger } from "../../adapters/slack/logger.ts";
import { createSockets, type Sockets } from "../../adapters/slack/sockets.ts";
import { refused, serverError } from "../../simulator/faults.ts";
import { createSlackSimulator, type SlackSimulator } from "../../simulator/slack/index.ts";
import { createLog } from "../../src/log.ts";

const open: Sockets[] = [];
afterEach(async () => {
  for (const sockets of open.splice(0)) await sockets.stop();
});

/** Two connections with little patience, and the texts that came over them. */
const connect = async (
  slack: SlackSimulator,
  more: { readonly onGone?: (error: unknown) => void; readonly retries?: number } = {},
): Promise<{ readonly sockets: Sockets; readonly heard: Set<unknown> }> => {
  const heard = new Set<unknown>();
  const sockets = createSockets({
    appToken: slack.world.tokens.app,
    apiUrl: slack.apiUrl,
    logger: createLogger(createLog("silent")),
    process: async ({ body, acknowledge }) => {
      const { event } = body;
      if (typeof event === "object" && event !== null && "text" in event) heard.add(event.text);
      await acknowledge();
      return true;
    },
    onGone: () => {},
    patience: { pong: 90, ping: 30_000 },
    ...more,
  });
  open.push(sockets);
  await sockets.start();
  return { sockets, heard };
};

const write = (slack: SlackSimulator, texts: readonly string[]): void => {
  const { id } = slack.world.openIm("U0ANA");
  for (const text of texts) slack.say({ channel: id, user: "U0ANA", text });
};

test("a connection that cannot be had again is told, and not left as a silent socket", async () => {
  await using slack = await createSlackSimulator();
  const gone = Promise.withResolvers<unknown>();
  const { sockets } = await connect(slack, { onGone: gone.resolve, retries: 0 });
  expect(sockets.ready).toBe(true);
  slack.faults.always("apps.connections.open", refused("invalid_auth"));
  slack.faults.dropSockets();
  await expect(gone.promise).resolves.toMatchObject({ data: { error: "invalid_auth" } });
  expect(sockets.ready).toBe(false);
});

test("both sockets come back by themselves after a cut", async () => {
  await using slack = await createSlackSimulator();
  const { sockets, heard } = await connect(slack);
  slack.faults.next("apps.connections.open", serverError());
  slack.faults.dropSockets();
  await slack.waitFor(() => slack.sockets === 0);
  write(slack, ["while nobody listens"]);
  await slack.waitFor(() => slack.sockets === 2);
  await slack.waitFor(() => slack.deliveries[0]?.acknowledged);
  expect([...heard]).toEqual(["while nobody listens"]);
  expect(sockets.ready).toBe(true);
});

test.each([1, 2])(
  "%d deaf sockets are noticed and replaced, and no event is lost",
  async (count) => {
    await using slack = await createSlackSimulator({
      timings: { acknowledgement: 200, redeliveries: [0, 200, 200, 200, 200, 200, 200] },
    });
    const { sockets, heard } = await connect(slack);
    slack.faults.deafenSockets(count);
    expect(slack.sockets).toBe(2 - count);
    const texts = ["one", "two", "three", "four"];
    write(slack, texts);
    await slack.waitFor(() => slack.sockets === 2);
    await slack.waitFor(() => slack.deliveries.every((each) => each.acknowledged));
    expect(heard).toEqual(new Set(texts));
    expect(slack.deliveries.some((each) => each.attempts.length > 1)).toBe(true);
    expect(sockets.ready).toBe(true);
  },
);
