import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import OpenAI from "openai";

import type { ModelEndpoint } from "./model-endpoint.ts";

const PROGRAM = fileURLToPath(new URL("../assistants/run-alone.ts", import.meta.url));
const KEY = "key-of-the-tests";

/** The Assistants server in a process that can be killed. */
export interface AssistantsProcess extends AsyncDisposable {
  readonly client: OpenAI;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Resolves when it listens; rejects with its output when it ends before. */
export async function startProcess(
  endpoint: ModelEndpoint,
  store: { readonly DATA_DIR: string } | { readonly DATABASE_URL: string },
): Promise<AssistantsProcess> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      PATH: process.env["PATH"] ?? "",
      PORT: "0",
      LOG_LEVEL: "warn",
      API_KEYS: KEY,
      OPENAI_BASE_URL: endpoint.url,
      OPENAI_MODEL: "test-model",
      ...store,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const baseURL = await listening(child, exited);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  return {
    client: new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 }),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

function listening(child: ChildProcess, exited: Promise<void>): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /^http:\S+$/m.exec(output)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    void exited.then(() => reject(new Error(`The server ended before it listened:\n${output}`)));
  });
}
