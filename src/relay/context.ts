import type { IncomingMessage } from "./platform.ts";

/** What the model is told about the moment, beside its assistant's instructions. */
export function contextOf(message: IncomingMessage, now: Date, timeZone: string): string {
  const { conversation, author } = message;
  const where = conversation.platform === "slack" ? "Slack" : "Discord";
  const date = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "full",
    timeStyle: "short",
    timeZone,
  }).format(now);
  return [
    `You talk with people on ${where}. It is ${date} (${timeZone}).`,
    `The person who asks is ${quote(author.name)} (id ${author.id}).`,
    "Messages of people begin with their name and a colon; answer without such a beginning.",
    "Answer in Markdown, in the language of the question, as briefly as the question allows.",
  ].join("\n");
}

/** One user message on the thread for each message of a person: `Name: text`, and nothing after the text. */
export function threadMessageOf(message: IncomingMessage): string {
  const files = message.files.map((file) => `[attached, not read: ${quote(file.name)}]`);
  const text = [...files, message.text].filter((part) => part !== "").join("\n");
  return `${oneLine(message.author.name)}: ${text}`;
}

/** Names are chosen by people: they stay on one line and inside their quotation marks. */
function quote(name: string): string {
  return JSON.stringify(oneLine(name));
}

function oneLine(name: string): string {
  return name.replaceAll(/\s+/g, " ").slice(0, 80);
}
