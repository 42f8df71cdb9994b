/** What happens to a turn, for whoever watches: the playground, metrics, logs. Nothing depends on being heard. */
export type TurnEvent =
  /** `turn` is the turn's id if this message becomes its head; another turn that answers it names it in `started`. */
  | {
      readonly type: "received";
      readonly turn: string;
      readonly conversation: string;
      readonly message: string;
    }
  | {
      readonly type: "started";
      readonly turn: string;
      readonly conversation: string;
      /** The platform's ids of the messages that it answers. */
      readonly messages: readonly string[];
      readonly attempt: number;
    }
  | { readonly type: "run"; readonly turn: string; readonly run: string; readonly resumed: boolean }
  | {
      readonly type: "tool";
      readonly turn: string;
      readonly call: string;
      readonly name: string;
      readonly arguments: string;
    }
  | {
      readonly type: "tool_ended";
      readonly turn: string;
      readonly call: string;
      readonly name: string;
      readonly ok: boolean;
      readonly output: string;
      /** Milliseconds. */
      readonly duration: number;
    }
  | {
      readonly type: "shown";
      readonly turn: string;
      readonly part: number;
      readonly how: "post" | "edit" | "remove";
    }
  | {
      readonly type: "ended";
      readonly turn: string;
      readonly outcome: "done" | "failed" | "released";
    };

/** Must not throw and must not block. */
export type Observe = (event: TurnEvent) => void;
