import { expect, test } from "vitest";

import { type Given, createAnsweringServer } from "../tools/answering-server.ts";
import { look } from "./look.ts";

test("a port is free, taken by a stranger, or taken by the bot that runs", async () => {
  let answer: Given = { body: { store: true, slack: true } };
  await using server = await createAnsweringServer(() => answer);
  const PORT = new URL(server.url).port;
  const running = await look({ PORT });
  expect(running).toMatchObject({ exitCode: 0, troubles: [] });
  expect(running.finding("bot-running").message).toContain(server.url);

  answer = { status: 503, body: { store: true, slack: false } };
  const down = await look({ PORT });
  expect(down).toMatchObject({ exitCode: 0, troubles: ["warn bot-not-ready"] });
  expect(down.finding("bot-not-ready").message).toContain("not connected: slack");

  answer = { body: "<h1>Somebody else's</h1>" };
  const taken = await look({ PORT });
  expect(taken).toMatchObject({ exitCode: 1, troubles: ["fault port-taken"] });
  expect(taken.finding("port-taken").remedy).toContain("PORT=…");

  await server[Symbol.asyncDispose]();
  expect((await look({ PORT })).finding("port-free").message).toContain(`:${PORT}`);
});

test("a HOST that is no address of this machine is a fault", async () => {
  const env = { HOST: "192.0.2.1", PORT: "3999", ADMIN_TOKEN: "0123456789abcdef" };
  const seen = await look(
    { ...env, SLACK_BOT_TOKEN: "xoxb-1", OPENAI_MODEL: "demo" },
    {
      checks: NOBODY,
    },
  );
  expect(seen.troubles).toContain("fault host-unusable");
});

const nobody = { howToBegin: "", remedies: {}, check: async () => [] };
const NOBODY = { slack: nobody, discord: nobody };
