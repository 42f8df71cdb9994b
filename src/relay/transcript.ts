import type OpenAI from "openai";

type Message = OpenAI.Beta.Threads.Message;

/** The visible text of one run: its messages in order, without those that were cut and then generated again. */
export interface Transcript {
  /** True when the event changed the text. */
  read(event: OpenAI.Beta.AssistantStreamEvent): boolean;
  /** Takes the run's messages as they stand, oldest first; true when that changed the text. */
  replace(messages: readonly Message[]): boolean;
  text(): string;
}

export function createTranscript(): Transcript {
  const messages = new Map<string, { text: string; cut: boolean }>();
  const add = (message: Message): void => {
    if (message.role !== "assistant") return;
    messages.set(message.id, { text: textOf(message), cut: message.status === "incomplete" });
  };
  const text = (): string => {
    const all = [...messages.values()];
    return all
      .filter(
        (message, index) =>
          message.text.trim() !== "" && (!message.cut || index === all.length - 1),
      )
      .map((message) => message.text)
      .join("\n\n");
  };
  return {
    text,
    read(event) {
      switch (event.event) {
        case "thread.message.delta": {
          const { id, delta } = event.data;
          const added = (delta.content ?? []).map((part) =>
            part.type === "text" ? (part.text?.value ?? "") : "",
          );
          messages.set(id, { text: (messages.get(id)?.text ?? "") + added.join(""), cut: false });
          return true;
        }
        case "thread.message.completed":
        case "thread.message.incomplete":
          add(event.data);
          return true;
        default:
          return false;
      }
    },
    replace(all) {
      const before = text();
      messages.clear();
      for (const message of all) add(message);
      return text() !== before;
    },
  };
}

function textOf(message: Message): string {
  return message.content.map((part) => (part.type === "text" ? part.text.value : "")).join("");
}
