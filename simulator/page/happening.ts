/** What happens to a question, as whoever runs the bot tells it. `turn` binds together what belongs to one answer. */
export type Happening = {
  /** Milliseconds since 1970. */ readonly at: number;
  readonly turn: string;
} & (
  | {
      readonly type: "received";
      /** The message's id on its platform. */
      readonly message: string;
    }
  | {
      readonly type: "started";
      /** The messages that are answered together. */
      readonly messages: readonly string[];
      /** 0 for the first one. */
      readonly attempt: number;
    }
  | { readonly type: "run"; readonly run: string; readonly resumed: boolean }
  | {
      readonly type: "tool";
      readonly call: string;
      readonly name: string;
      /** JSON, as the model wrote it. */
      readonly arguments: string;
    }
  | {
      readonly type: "tool_ended";
      readonly call: string;
      readonly name: string;
      readonly ok: boolean;
      readonly output: string;
      /** Milliseconds. */
      readonly duration: number;
    }
  | { readonly type: "shown"; readonly part: number; readonly how: "post" | "edit" | "remove" }
  | { readonly type: "ended"; readonly outcome: "done" | "failed" | "released" }
);
