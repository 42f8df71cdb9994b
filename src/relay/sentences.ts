/**
 * What the bot says about itself when something went wrong: one honest sentence each, with a way out,
 * without internals. Details belong in the log.
 */
import type OpenAI from "openai";

type Run = OpenAI.Beta.Threads.Run;

export const SENTENCES = {
  emptyAnswer: "The model gave an empty answer. Please ask again, perhaps in other words.",
  deadline:
    "This took longer than a turn may take, so I stopped. Please ask again, perhaps for less at once.",
  internal:
    "Something went wrong on my side, and I could not answer. Please ask again; if it stays so, tell the admin.",
  assistantUnreachable:
    "I cannot reach my Assistants endpoint at the moment. Please ask again in a minute; if it stays so, tell the admin.",
  tooManyTools:
    "I called tools again and again without coming to an end, so I stopped. Please ask for less at once.",
} as const;

/** Why a run gave no whole answer; undefined when it did. */
export function sentenceOf(run: Run): string | undefined {
  switch (run.status) {
    case "completed":
      return undefined;
    case "failed":
      return failureSentence(run.last_error?.code);
    case "incomplete":
      return run.incomplete_details?.reason === "max_prompt_tokens"
        ? "The conversation is longer than the model may read here. Please start a fresh one."
        : "The answer reached the length limit and ends here.";
    case "expired":
      return "This took too long and expired. Please ask again.";
    case "cancelled":
    case "cancelling":
      return "Stopped.";
    case "queued":
    case "in_progress":
    case "requires_action":
      return SENTENCES.internal;
  }
}

function failureSentence(
  code: "server_error" | "rate_limit_exceeded" | "invalid_prompt" | undefined,
): string {
  switch (code) {
    case "rate_limit_exceeded":
      return "The model is limiting requests at the moment. Please ask again in a minute.";
    case "invalid_prompt":
      return "The model refused this request. Please ask in other words, or start a fresh conversation.";
    case "server_error":
    case undefined:
      return "The model could not answer just now. Please ask again; if it stays so, tell the admin.";
  }
}
