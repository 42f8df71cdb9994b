/**
 * What the bot says about itself when something went wrong: one honest sentence each, with a way out,
 * without internals. Details belong in the log.
 */
import type OpenAI from "openai";

import type { Notice } from "./audience.ts";

type Run = OpenAI.Beta.Threads.Run;

/** Told to people who are not answered. */
export const NOTICES: Readonly<Record<Notice, string>> = {
  guest: "Sorry, I only answer members of this workspace, not guests. An admin can change that.",
  external: "Sorry, I only answer people of this organisation. Its admins can change that.",
  stranger: "Sorry, I only answer people with whom I share a server. Its admins can change that.",
  direct_messages_off: "Sorry, I do not answer direct messages. Please mention me in a channel.",
  queue_full:
    "So many messages wait here already that I cannot take more. Those are answered; please write again after that.",
  too_many: "You have asked me as much as one person may within an hour. Please ask again later.",
};

export const SENTENCES = {
  freshStart: "A fresh start: I have put aside what was said before. What can I do for you?",
  stopped: "Stopped.",
  emptyAnswer: "The model gave an empty answer. Please ask again, perhaps in other words.",
  deadline:
    "This took longer than a turn may take, so I stopped. Please ask again, perhaps for less at once.",
  internal:
    "Something went wrong on my side, and I could not answer. Please ask again; if it stays so, tell the admin.",
  assistantUnreachable:
    "I cannot reach my Assistants endpoint at the moment. Please ask again in a minute; if it stays so, tell the admin.",
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
      return SENTENCES.stopped;
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
