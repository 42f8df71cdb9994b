import type { Config } from "./config.ts";

/** What a person reads in the terminal when the bot is ready. */
export function greet(
  config: Config,
  app: {
    readonly url: string;
    readonly toolProblems: readonly { readonly file: string; readonly reason: string }[];
  },
  milliseconds: number,
): string {
  const seconds =
    milliseconds < 10_000
      ? (milliseconds / 1_000).toFixed(1)
      : String(Math.round(milliseconds / 1_000));
  const lines = [
    config.playground
      ? `Patchbay is ready (${seconds} s). Chat here: ${app.url}`
      : `Patchbay is ready (${seconds} s) at ${app.url}`,
    `Model: ${describeModel(config)}`,
    describePlatforms(config),
    ...app.toolProblems.map(
      (problem) => `Tool file ${problem.file} is not offered: ${problem.reason}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function describeModel({ model, assistants }: Config): string {
  if (assistants !== undefined)
    return `${model.name} at the Assistants endpoint ${new URL(assistants.baseURL).host}`;
  if (model.kind === "demo")
    return "demo (no key). For a real one: OPENAI_API_KEY, or OPENAI_BASE_URL and OPENAI_MODEL.";
  const host = model.baseURL === undefined ? "OpenAI" : new URL(model.baseURL).host;
  return `${model.name} at ${host} (${model.kind === "responses" ? "Responses" : "Chat Completions"})`;
}

function describePlatforms({ slack, discord, playground }: Config): string {
  if (playground)
    return "Slack, Discord: simulated. For the real ones: SLACK_BOT_TOKEN, DISCORD_TOKEN (see README.md).";
  const how = slack?.appToken === undefined ? "HTTP" : "Socket Mode";
  return [slack && `Slack: connected (${how}).`, discord && "Discord: connected."]
    .filter(Boolean)
    .join(" ");
}
