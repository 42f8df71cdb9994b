import { afterAll, beforeAll, expect, test } from "vitest";

import { createModel } from "../../src/assistants/models/index.ts";
import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { openProcess } from "../doubles/assistants.ts";
import { createModelEndpoint } from "../doubles/model-endpoint.ts";

const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
const QUESTION = [
  { type: "text", text: "What is this?" },
  { type: "image_url", image_url: { url: "https://images.example/cat.png", detail: "low" } },
  { type: "image_url", image_url: { url: PIXEL } },
] as const;

let database: Database;
beforeAll(async () => {
  database = await openDatabase({});
  await migrate(database);
});
afterAll(() => database[Symbol.asyncDispose]());

test.each([
  ["chat", "messages", "image_url"],
  ["responses", "input", "input_image"],
] as const)(
  "images of a message reach a model that sees, through %s",
  async (kind, field, type) => {
    await using endpoint = await createModelEndpoint({ answer: () => "A cat and a pixel." });
    const model = createModel({ kind, baseURL: endpoint.url });
    await using here = await openProcess(database, undefined, { models: () => model });
    const { beta } = here.client;
    const { id } = await beta.assistants.create({ model: "test-model" });
    const messages = [{ role: "user" as const, content: [...QUESTION] }];
    const stream = beta.threads.createAndRunStream({ assistant_id: id, thread: { messages } });
    expect((await stream.finalRun()).status).toBe("completed");
    const [said] = [endpoint.requests[0]?.body[field]].flat();
    const image = (url: string, detail: string) =>
      type === "image_url"
        ? { type, image_url: { url, detail } }
        : { type, image_url: url, detail };
    expect(said).toMatchObject({
      role: "user",
      content: [
        { text: "What is this?" },
        image("https://images.example/cat.png", "low"),
        image(PIXEL, "auto"),
      ],
    });
  },
);

test("a model that does not see fails the run with a sentence that says so, without a second try", async () => {
  const refusal = { error: { message: "At most 0 image(s) may be provided in one request." } };
  await using endpoint = await createModelEndpoint({
    answer: () => ({ status: 400, body: refusal }),
  });
  const model = createModel({ kind: "chat", baseURL: endpoint.url });
  await using here = await openProcess(database, undefined, { models: () => model });
  const { beta } = here.client;
  const { id } = await beta.assistants.create({ model: "test-model" });
  const messages = [{ role: "user" as const, content: [...QUESTION] }];
  const run = await beta.threads.createAndRunPoll({ assistant_id: id, thread: { messages } });
  expect(run).toMatchObject({
    status: "failed",
    last_error: {
      code: "invalid_prompt",
      message:
        "The model endpoint does not take the conversation's images: the model may not see images.",
    },
  });
  expect(endpoint.requests).toHaveLength(1);
});
