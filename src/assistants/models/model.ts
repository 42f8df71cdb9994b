/**
 * The port to a model endpoint. Implementations: responses.ts, chat-completions.ts (both through the
 * openai SDK) and demo.ts; test/contracts/model.ts is the suite that all of them run.
 */

export type ModelContent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly url: string; readonly detail: "auto" | "low" | "high" };

/** What the model is shown, oldest first. A tool output always follows its call. */
export type ModelItem =
  | {
      readonly type: "message";
      readonly role: "user" | "assistant";
      readonly content: readonly ModelContent[];
    }
  | {
      readonly type: "tool_call";
      readonly id: string;
      readonly name: string;
      readonly arguments: string;
    }
  | { readonly type: "tool_output"; readonly id: string; readonly output: string };

export interface ModelFunction {
  readonly name: string;
  readonly description?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
}

export type ModelToolChoice = "auto" | "none" | "required" | { readonly name: string };

export type ModelFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly description?: string;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly strict?: boolean;
    };

/** Absent options are left to the endpoint's own defaults. */
export interface ModelRequest {
  readonly model: string;
  readonly instructions?: string;
  readonly items: readonly ModelItem[];
  readonly functions: readonly ModelFunction[];
  readonly toolChoice?: ModelToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxOutputTokens?: number;
  readonly format?: ModelFormat;
  readonly reasoningEffort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
}

export interface ModelUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Exactly one `end`, and it is the last; a stream that stops without one has failed. */
export type ModelEvent =
  | { readonly type: "text"; readonly delta: string }
  /** `index` counts the calls of this response from 0, without gaps. */
  | {
      readonly type: "tool_call";
      readonly index: number;
      readonly id: string;
      readonly name: string;
    }
  | { readonly type: "tool_arguments"; readonly index: number; readonly delta: string }
  | {
      readonly type: "end";
      readonly reason: "stop" | "tool_calls" | "max_tokens" | "content_filter";
      readonly usage: ModelUsage | undefined;
    };

export interface Model {
  /** Throws ModelFailed for everything that goes wrong, except that an aborted signal ends with the signal's reason. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** Why a model gave no (whole) answer. `message` names no secret, host or stack: it becomes the run's last_error. */
export class ModelFailed extends Error {
  override readonly name = "ModelFailed";
  readonly code: "server_error" | "rate_limit_exceeded" | "invalid_prompt";
  /** Whether the same request may succeed a little later; only ever used before the first token. */
  readonly passing: boolean;
  /** Milliseconds, where the endpoint said when to come back. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    details: { code: ModelFailed["code"]; passing: boolean; retryAfter?: number | undefined },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = details.code;
    this.passing = details.passing;
    this.retryAfter = details.retryAfter;
  }
}
