import { z } from "zod";

/** A model server that answers on this machine. */
export interface LocalModel {
  /** "Ollama" */
  readonly server: string;
  /** For OPENAI_BASE_URL. */
  readonly baseURL: string;
  /** For OPENAI_MODEL: the server's first model that can chat. */
  readonly model: string;
}

export interface LocalServer {
  readonly server: string;
  /** Ends in /v1. */
  readonly baseURL: string;
}

/** Where the usual servers listen unless they are told otherwise; the first that answers is taken. */
const SERVERS: readonly LocalServer[] = [
  { server: "Ollama", baseURL: "http://127.0.0.1:11434/v1" },
  { server: "LM Studio", baseURL: "http://127.0.0.1:1234/v1" },
  { server: "llama.cpp", baseURL: "http://127.0.0.1:8080/v1" },
  { server: "vLLM", baseURL: "http://127.0.0.1:8000/v1" },
];

/** Milliseconds; on this machine who is there answers at once. */
const TIMEOUT = 300;

/** Names of models that turn text into numbers, hear or rank, and cannot chat. */
const NO_CHAT = /embed|bge-|minilm|rerank|whisper|tts|moderation|dall-e/i;

/** A model server on this machine that has a model to chat with. Takes at most 300 ms and never rejects. */
export async function findLocalModel(
  servers: readonly LocalServer[] = SERVERS,
): Promise<LocalModel | undefined> {
  const found = await Promise.all(
    servers.map(async ({ server, baseURL }) => {
      const models = await listModels({ baseURL, signal: AbortSignal.timeout(TIMEOUT) });
      const model = models?.find((name) => !NO_CHAT.test(name));
      return model === undefined ? undefined : { server, baseURL, model };
    }),
  );
  return found.find((one) => one !== undefined);
}

const Listing = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });

/** What an endpoint's /models lists; undefined where it lists nothing. Never rejects. */
export async function listModels(endpoint: {
  readonly baseURL: string;
  readonly apiKey?: string | undefined;
  readonly signal: AbortSignal;
}): Promise<readonly string[] | undefined> {
  const { baseURL, apiKey, signal } = endpoint;
  try {
    const response = await fetch(`${baseURL.replace(/\/+$/, "")}/models`, {
      signal,
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    });
    return Listing.parse(await response.json()).data.map(({ id }) => id);
  } catch {
    return undefined;
  }
}
