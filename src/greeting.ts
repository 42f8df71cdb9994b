import type { Config } from "./config.ts";
import type { LocalModel } from "./doctor/local-models.ts";
import type { ToolProblem } from "./toolbox/index.ts";

export interface Greeting {
  readonly config: Config;
  readonly app: {
    readonly url: string;
    readonly toolProblems: readonly ToolProblem[];
  };
  /** That the start took. */
  readonly milliseconds: number;
  /** A model server on this machine that could take the demo model's place. */
  readonly localModel: LocalModel | undefined;
}

/** What a person reads in the terminal when the bot is ready. */
export function greet({ config, app, milliseconds, localModel }: Greeting): string {
  const seconds =
    milliseconds < 10_000
      ? (milliseconds / 1_000).toFixed(1)
      : String(Math.round(milliseconds / 1_000));
  const lines = [
    `Patchbay is ready (${seconds} s)${config.playground ? `. Chat here: ${app.url}` : ` at ${app.url}`}`,
    `Model: ${describeModel(config, localModel)}`,
    describePlatforms(config),
    ...app.toolProblems.map(
      ({ file, reason, remedy }) => `! Tools, ${file}: ${sentence(reason)} ${remedy}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function describeModel({ model, assistants }: Config, local: LocalModel | undefined): string {
  if (assistants !== undefined)
    return `${model.name} at the Assistants endpoint ${new URL(assistants.baseURL).host}`;
  if (model.kind === "demo") {
    return local === undefined
      ? "demo (no key). For a real one: OPENAI_API_KEY=…, or OPENAI_BASE_URL=… OPENAI_MODEL=…"
      : `demo (no key). ${local.server} answers on this machine: OPENAI_BASE_URL=${local.baseURL} OPENAI_MODEL=${local.model} to use it.`;
  }
  const host = model.baseURL === undefined ? "OpenAI" : new URL(model.baseURL).host;
  return `${model.name} at ${host} (${model.kind === "responses" ? "Responses" : "Chat Completions"})`;
}

function describePlatforms({ slack, discord, playground }: Config): string {
  if (playground) return "Slack, Discord: simulated. For the real ones: npm start -- doctor";
  const how = slack?.appToken === undefined ? "HTTP" : "Socket Mode";
  return [slack && `Slack: connected (${how}).`, discord && "Discord: connected."]
    .filter(Boolean)
    .join(" ");
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
