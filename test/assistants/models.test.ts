import { createModel } from "../../src/assistants/models/index.ts";
import { modelContract, questions, type ModelSubject } from "../contracts/model.ts";
import {
  createModelEndpoint,
  type Answer,
  type EndpointRequest,
} from "../doubles/model-endpoint.ts";

modelContract("the demo model", async () => ({
  model: createModel({ kind: "demo", delay: 0 }),
  async [Symbol.asyncDispose]() {},
}));

modelContract("a model over Chat Completions", () => overEndpoint("chat"));

modelContract("a model over Responses", () => overEndpoint("responses"));

async function overEndpoint(kind: "chat" | "responses"): Promise<ModelSubject> {
  const endpoint = await createModelEndpoint({ key: "sk-test", answer });
  return {
    model: createModel({ kind, apiKey: "sk-test", baseURL: endpoint.url }),
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

/** What a real model would answer to the suite's questions. */
function answer({ question, outputs, functions, body }: EndpointRequest): Answer {
  const limit = body["max_tokens"] ?? body["max_output_tokens"];
  if (typeof limit === "number") return [{ text: "1 2 3" }, { finish: "length" }];
  if (outputs.length > 0) return `It says ${outputs.join(" ")}`;
  const may = functions.includes("ticket_lookup") && body["tool_choice"] !== "none";
  const ids = question.match(/OPS-\d/g) ?? [];
  if (may && ids.length > 0)
    return ids.map((id) => ({ call: { name: "ticket_lookup", arguments: { id } } }));
  if (question === questions.count)
    return Array.from({ length: 50 }, (_, index) => index + 1).join(" ");
  return `You said: ${question}`;
}
