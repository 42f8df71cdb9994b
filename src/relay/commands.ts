import { isAdmin, type Settings } from "../settings/settings.ts";
import type { Toolbox } from "../toolbox/index.ts";
import { refusalOf, settingsAt } from "./audience.ts";
import { conversationKey } from "./conversation.ts";
import type { Command, Introduction, Person } from "./message.ts";
import type { Hands } from "./platform.ts";
import { NOTICES, SENTENCES } from "./sentences.ts";
import type { Threads } from "./threads.ts";

export interface CommandParts {
  readonly settings: () => Settings;
  /** What is wrong with patchbay.yml; empty when nothing is. */
  readonly settingsFaults: () => readonly string[];
  readonly toolbox: Toolbox;
  readonly threads: Threads;
  readonly defaultModel: string;
  /** The model is the demo: a newcomer should know. */
  readonly demo: boolean;
}

/** `/patchbay help | new | status`, and what the bot says about itself where somebody opens it. */
export function createCommands(parts: CommandParts): Pick<Hands, "command" | "introduce"> {
  return {
    async command(command) {
      const refusal = refusalOf(command, parts.settings());
      if (refusal !== undefined) return NOTICES[refusal];
      switch (command.text.toLowerCase()) {
        case "":
        case "help":
          return help(parts, command);
        case "new":
          await parts.threads.forget(conversationKey(command.conversation));
          return SENTENCES.freshStart;
        case "status":
          return status(parts, command);
        default:
          return `There is no command "${command.text.slice(0, 50)}". Try \`/patchbay help\`.`;
      }
    },
    introduce: async (person) => introduction(parts, person),
  };
}

function help(parts: CommandParts, command: Command): string {
  const { answer, assistant } = settingsAt(parts.settings(), command);
  const when = {
    mention: "Mention me, and I answer in a thread.",
    thread:
      "Mention me, and I answer in a thread. There you need no further mention, as long as it is only the two of us.",
    all: "I answer every message in this channel.",
  }[answer];
  return [
    `**${assistant.name}** in this place: ${when} You can also write me a direct message.`,
    toolsSentence(parts, assistant.tools),
    "`/patchbay new` (or just `new` as a message) starts afresh, `/patchbay status` tells what I am using.",
  ].join("\n");
}

function status(parts: CommandParts, command: Command): string {
  const settings = parts.settings();
  const { assistant, answer } = settingsAt(settings, command);
  const faults = parts.settingsFaults();
  const admin = isAdmin(settings, command.conversation.platform, command.author.id);
  return [
    `Assistant: **${assistant.name}**`,
    `Model: ${parts.demo ? "demo (no real model is configured)" : (assistant.model ?? parts.defaultModel)}`,
    `Answers here: ${answer}`,
    toolsSentence(parts, assistant.tools),
    ...(faults.length === 0
      ? []
      : ["The newest patchbay.yml has faults; the settings before it hold."]),
    ...(admin
      ? [
          ...faults,
          ...parts.toolbox.problems.map(({ file, reason }) => `Tool file ${file}: ${reason}`),
        ]
      : []),
  ]
    .map((line) => `- ${line}`)
    .join("\n");
}

function toolsSentence({ toolbox }: CommandParts, allowed: readonly string[] | "*"): string {
  const names = toolbox.functions
    .map((tool) => tool.function.name)
    .filter((name) => allowed === "*" || allowed.includes(name));
  return names.length === 0
    ? "I have no tools here."
    : `My tools here: ${names.map((name) => `\`${name}\``).join(", ")}.`;
}

function introduction(parts: CommandParts, person: Person): Introduction {
  const { defaultAssistant } = parts.settings();
  const { tools, name } = defaultAssistant;
  const known = new Set(parts.toolbox.functions.map((tool) => tool.function.name));
  const has = (tool: string): boolean => known.has(tool) && (tools === "*" || tools.includes(tool));
  return {
    text: [
      `Hello ${person.name}, I am **${name}**.`,
      "Mention me in a channel, or write me here. I remember what was said in a thread; `new` starts afresh.",
      toolsSentence(parts, tools),
    ].join("\n\n"),
    prompts: [
      ...(has("ticket_lookup")
        ? [{ title: "Look up a ticket", message: "What is the status of ticket OPS-1?" }]
        : []),
      ...(has("deploy_status")
        ? [{ title: "What is deployed?", message: "Which version of checkout is deployed?" }]
        : []),
      { title: "What can you do?", message: "What can you do here, and which tools do you have?" },
    ],
  };
}
