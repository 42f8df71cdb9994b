import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import OpenAI, { AuthenticationError, InternalServerError } from "openai";
import { expect, test } from "vitest";

import { type AloneConfig, startAssistants } from "../../src/assistants/alone.ts";
import { ConfigurationFault } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";

const log = createLog("silent");
const config: AloneConfig = {
  model: { kind: "demo", name: "demo", apiKey: undefined, baseURL: undefined },
  databaseUrl: undefined,
  dataDir: "not-used",
  host: "127.0.0.1",
  port: 0,
  apiKeys: ["key-one", "key-two"],
};

test("the server alone answers the official client over HTTP, and nobody without a key", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "patchbay-alone-"));
  try {
    await using alone = await startAssistants({ ...config, dataDir }, log);
    const client = new OpenAI({ baseURL: alone.baseURL, apiKey: "key-two", maxRetries: 0 });
    const assistant = await client.beta.assistants.create({ model: "demo" });
    const launch = {
      assistant_id: assistant.id,
      thread: { messages: [{ role: "user" as const, content: "Hello" }] },
    };
    const stream = client.beta.threads.createAndRunStream(launch);
    expect((await stream.finalRun()).status).toBe("completed");

    const stranger = new OpenAI({ baseURL: alone.baseURL, apiKey: "guessed", maxRetries: 0 });
    await expect(stranger.beta.assistants.list()).rejects.toBeInstanceOf(AuthenticationError);
    const ready = await fetch(new URL("/readyz", alone.baseURL));
    expect([ready.status, await ready.json()]).toEqual([200, { store: true }]);

    await alone.drain(1_000);
    await expect(client.beta.threads.createAndRun(launch)).rejects.toBeInstanceOf(
      InternalServerError,
    );
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

test("without keys the server alone does not start, and says which variable is missing", async () => {
  const started = startAssistants({ ...config, apiKeys: [] }, log);
  await expect(started).rejects.toBeInstanceOf(ConfigurationFault);
  await expect(started).rejects.toThrow("API_KEYS is missing");
});
