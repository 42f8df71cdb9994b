/** What a message made by chat.startStream keeps while Slack has it open, and afterwards. */
export interface Stream {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  open: boolean;
  stoppedByUser: boolean;
  /** Settled by the first payload; Slack refuses the other kind from then on. */
  mode?: "text" | "chunks";
  /** What its task_update chunks show, by id. */
  readonly tasks: Map<string, { readonly title: string; readonly status: string }>;
}

/** Whether a message is a stream that still takes words. */
export function isStreaming({ stream }: { readonly stream?: Stream }): boolean {
  return stream?.open === true && Date.now() <= stream.expiresAt;
}
