import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";

import { createModel } from "../assistants/models/index.ts";
import type { Model, ModelFunction } from "../assistants/models/model.ts";
import type { ModelConfig } from "../config.ts";
import { messageOf } from "../errors.ts";
import { type Finding, findingsIn } from "./finding.ts";
import { findLocalModel, listModels, type LocalModel, type LocalServer } from "./local-models.ts";
import { explainRefusal, inDotEnv, offer } from "./model-refusal.ts";
import { MODEL_OR_LOCAL, REMEDIES } from "./remedies.ts";

const { ok, warn, fault } = findingsIn("model");

export interface ModelCheck {
  /** Undefined where variables are missing: then `baseURL` and `apiKey` are what there is. */
  readonly model: ModelConfig | undefined;
  readonly baseURL: string | undefined;
  readonly apiKey: string | undefined;
  readonly localServers: readonly LocalServer[] | undefined;
}

/** Milliseconds for the list of models, which only explains. */
const LIST_TIMEOUT = 4_000;
const OPENAI = "https://api.openai.com/v1";

/** Has the model say something, with a tool on offer as in every real question. */
export async function checkModel(check: ModelCheck, signal: AbortSignal): Promise<Finding[]> {
  const { model, baseURL = OPENAI, apiKey, localServers } = check;
  if (model?.kind === "demo") return [await offerModel(localServers)];
  const soon = AbortSignal.any([signal, AbortSignal.timeout(LIST_TIMEOUT)]);
  const listed = listModels({ baseURL, apiKey, signal: soon });
  if (model !== undefined) return [await tryModel(model, { baseURL, listed }, signal)];
  if (check.baseURL === undefined && apiKey === undefined) return offerLocal(localServers);
  const offered = check.baseURL === undefined ? undefined : await listed;
  if (offered === undefined) return [];
  return [warn("model-offered", `${baseURL} answers and has models.`, offer(undefined, offered))];
}

async function offerModel(servers: readonly LocalServer[] | undefined): Promise<Finding> {
  const local = await findLocalModel(servers);
  const said = "The demo model answers: fixed phrases and tool calls, no key and no cost.";
  if (local === undefined) return ok("model-demo", said, `A model\n${MODEL_OR_LOCAL}`);
  return ok(
    "model-demo",
    `${said} ${local.server} on this machine could take its place.`,
    `A model\n${linesFor(local)}\n${MODEL_OR_LOCAL}`,
  );
}

/** Where a model is missing: that config.ts says so is known already, and that one is at hand may not be. */
async function offerLocal(servers: readonly LocalServer[] | undefined): Promise<Finding[]> {
  const local = await findLocalModel(servers);
  if (local === undefined) return [];
  return [warn("model-at-hand", `${local.server} answers on this machine.`, linesFor(local))];
}

function linesFor({ server, baseURL, model }: LocalModel): string {
  return `${server} on this machine: in .env: OPENAI_BASE_URL=${baseURL} and OPENAI_MODEL=${model}`;
}

const TOOL: ModelFunction = {
  name: "current_time",
  description: "Tells the current time.",
  parameters: { type: "object", properties: {}, additionalProperties: false },
};

interface Endpoint {
  readonly baseURL: string;
  readonly listed: Promise<readonly string[] | undefined>;
}

async function tryModel(
  config: ModelConfig,
  { baseURL, listed }: Endpoint,
  signal: AbortSignal,
): Promise<Finding> {
  const { kind, name, apiKey } = config;
  if (kind === "demo") throw new TypeError("The demo model has no endpoint.");
  const model = createModel({ kind, apiKey, baseURL: config.baseURL });
  try {
    const took = await firstWord(model, name, [TOOL], signal);
    const api = kind === "responses" ? "Responses" : "Chat Completions";
    return ok(
      "model-answers",
      `${name} at ${hostOf(baseURL)} answers (${api}): first word after ${took} ms.`,
    );
  } catch (error) {
    if (signal.aborted) return explainSilence(config, await listed);
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof APIConnectionTimeoutError) return explainSilence(config, await listed);
    if (cause instanceof APIConnectionError) return explainUnreachable(baseURL, messageOf(error));
    return explainRefusal({
      config,
      baseURL,
      said: messageOf(error),
      answer: cause instanceof APIError ? cause : undefined,
      offered: await listed,
      worksWithoutTools: () =>
        firstWord(model, name, [], signal).then(
          () => true,
          () => false,
        ),
      signal,
    });
  }
}

/** Milliseconds until anything of an answer arrives; the rest is not waited for. */
async function firstWord(
  model: Model,
  name: string,
  functions: readonly ModelFunction[],
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now();
  const items = [
    {
      type: "message" as const,
      role: "user" as const,
      content: [{ type: "text" as const, text: "Answer with the one word: ready" }],
    },
  ];
  for await (const event of model.stream({ model: name, items, functions }, signal))
    if (event.type === "text" || event.type === "tool_call" || event.type === "end") break;
  return Math.round(performance.now() - began);
}

function explainSilence({ name }: ModelConfig, offered: readonly string[] | undefined): Finding {
  return offered === undefined
    ? fault(
        "model-silent",
        "The model endpoint takes the connection and does not answer.",
        `Look into the server's own log, or set another one. ${REMEDIES["OPENAI_BASE_URL"]}`,
      )
    : warn(
        "model-slow",
        `The endpoint answers, but ${name} said no word in time.`,
        "A server on this machine may still be loading the model: run doctor again in a minute.",
      );
}

function explainUnreachable(baseURL: string, said: string): Finding {
  const here = ["127.0.0.1", "localhost", "[::1]"].includes(URL.parse(baseURL)?.hostname ?? "");
  return fault(
    "model-unreachable",
    `${hostOf(baseURL)}: ${said}`,
    here
      ? `Start the model server (\`ollama serve\`), or correct the address; within a container this machine is host.docker.internal. ${inDotEnv("OPENAI_BASE_URL", "http://…/v1")}`
      : `Let HTTPS to ${hostOf(baseURL)} through firewall and proxy, or correct the address. ${inDotEnv("OPENAI_BASE_URL", "https://…/v1")}`,
  );
}

function hostOf(baseURL: string): string {
  return URL.parse(baseURL)?.host ?? baseURL;
}
