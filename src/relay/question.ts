import type { Notice } from "./audience.ts";
import type { IncomingMessage } from "./message.ts";

/** An incoming message as intake has judged it; this is what the inbox keeps. */
export interface Question extends IncomingMessage {
  /** Told instead of answered. */
  readonly notice?: Notice;
  /** The channel that it stands in, where its answer opens a thread below it. */
  readonly opensThreadIn?: string;
}
