import type { APIError } from "openai";

import type { ModelConfig } from "../config.ts";
import { nearest } from "../settings/nearest.ts";
import { type Finding, findingsIn } from "./finding.ts";
import { listModels } from "./local-models.ts";
import { REMEDIES } from "./remedies.ts";

const { warn, fault } = findingsIn("model");

/** An endpoint that was reached and gave no answer of a model. */
export interface Refused {
  readonly config: ModelConfig;
  readonly baseURL: string;
  /** What went wrong, in a sentence. */
  readonly said: string;
  /** Absent where it answered with something that is no error of a model endpoint either. */
  readonly answer: APIError | undefined;
  /** The models that the endpoint lists. */
  readonly offered: readonly string[] | undefined;
  readonly worksWithoutTools: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

export async function explainRefusal(refused: Refused): Promise<Finding> {
  const { config, said, answer, offered } = refused;
  const status: unknown = answer?.status;
  const label = [answer?.code, answer?.type].join(" ");
  if (status === 401 && config.apiKey === undefined)
    return fault("model-key-missing", "The endpoint wants a key.", REMEDIES["OPENAI_API_KEY"]);
  if (status === 401)
    return fault(
      "model-key-refused",
      "The endpoint does not take OPENAI_API_KEY.",
      REMEDIES["OPENAI_API_KEY"],
    );
  if (status === 402 || label.includes("insufficient_quota"))
    return fault(
      "model-quota",
      said,
      "Add credit: platform.openai.com → Settings → Billing, or your provider's page.",
    );
  if (status === 429) return warn("model-rate-limited", said, "Run doctor again in a minute.");
  if (offered !== undefined && !offered.includes(config.name))
    return fault(
      "model-unknown",
      `The endpoint has no model ${config.name}.`,
      offer(config.name, offered),
    );
  if (label.includes("model_not_found")) return unknownUnlisted(config);
  if (status === 403)
    return fault(
      "model-forbidden",
      said,
      `Let the key use ${config.name}, or take another model. ${REMEDIES["OPENAI_MODEL"]}`,
    );
  if (status === 404 || answer === undefined) return explainAddress(refused);
  if (await refused.worksWithoutTools())
    return fault(
      "model-without-tools",
      `${config.name} answers, but not when tools are on offer: ${wordsOf(answer)}`,
      "Take a model that can call tools (for Ollama: ollama.com/search?c=tools), or switch them on in the server " +
        "(vLLM: --enable-auto-tool-choice --tool-call-parser …, llama.cpp: --jinja).",
    );
  return fault(
    "model-fails",
    `${said} Its own words: ${wordsOf(answer)}`,
    "Look into the server's own log.",
  );
}

function unknownUnlisted({ name }: ModelConfig): Finding {
  return fault("model-unknown", `The endpoint has no model ${name}.`, REMEDIES["OPENAI_MODEL"]);
}

/** Nothing is there under this address: the wrong one of the two APIs, or a base URL that is cut short. */
async function explainAddress({ config, baseURL, offered, signal }: Refused): Promise<Finding> {
  if (offered !== undefined && config.kind === "responses")
    return fault(
      "model-api",
      "The server has the model, but not OpenAI's Responses API.",
      inDotEnv("MODEL_API", "chat"),
    );
  if (offered === undefined) {
    const longer = `${baseURL.replace(/\/+$/, "")}/v1`;
    if ((await listModels({ baseURL: longer, apiKey: config.apiKey, signal })) !== undefined)
      return fault(
        "model-address",
        "OPENAI_BASE_URL is cut short: a model server answers below it.",
        inDotEnv("OPENAI_BASE_URL", longer),
      );
    return fault(
      "model-address",
      "What answers at OPENAI_BASE_URL is no model server.",
      REMEDIES["OPENAI_BASE_URL"],
    );
  }
  return unknownUnlisted(config);
}

const FEW = 5;

/** The line for .env with a model that the endpoint has, the most similar one first. */
export function offer(wanted: string | undefined, offered: readonly string[]): string {
  const near = wanted === undefined ? undefined : nearest(wanted, offered);
  const rest = offered.filter((name) => name !== near);
  const few = [...(near === undefined ? [] : [near]), ...rest].slice(0, FEW);
  const more = offered.length > few.length ? ` and ${offered.length - few.length} more` : "";
  return `${inDotEnv("OPENAI_MODEL", few[0] ?? "…")}; it has ${few.join(", ")}${more}.`;
}

export function inDotEnv(variable: string, value: string): string {
  return `In .env: ${variable}=${value}`;
}

/** The endpoint's own words, on one line and not too many. */
function wordsOf({ message }: APIError): string {
  return message.replaceAll(/\s+/g, " ").slice(0, 200);
}
