import type { Sql } from "../../store/pool.ts";
import { showMessage } from "../objects/message.ts";
import { announceChanged, announceMessage, announceOpenedStep, type EventHub } from "./events.ts";
import type { Claim } from "./lifecycle.ts";
import { createSaver } from "./saver.ts";
import { completeMessage, openMessage, saveText } from "./steps.ts";

/** What the writers of an answer work with. */
export interface Writing {
  readonly sql: Sql;
  readonly hub: EventHub;
  readonly claim: Claim;
  /** Unix seconds. */
  readonly clock: () => number;
  /** Told when saving is no longer possible. */
  readonly failed: (error: unknown) => void;
}

/** Writes an answer's text into one message step, which is opened with the first word. */
export interface MessageWriter {
  open(): Promise<void>;
  write(delta: string): Promise<void>;
  /** Completes the message, if there is one, because something else follows in the same answer. */
  complete(): Promise<void>;
  /** Saves nothing more, and waits for a save that is under way. */
  settle(): Promise<void>;
  /** The open message's text; undefined without an open message. */
  readonly text: string | undefined;
}

interface OpenMessage {
  readonly id: string;
  text: string;
  begun: boolean;
}

export function createMessageWriter({ sql, hub, claim, clock, failed }: Writing): MessageWriter {
  const { runId } = claim;
  let message: OpenMessage | undefined;
  const saver = createSaver(async () => {
    if (message !== undefined) await saveText(sql, claim, message.id, message.text);
  }, failed);

  async function open(): Promise<OpenMessage> {
    if (message !== undefined) return message;
    const opened = await openMessage(sql, claim, clock());
    announceOpenedStep(hub, opened.step);
    hub.publish(runId, { event: "thread.message.created", data: showMessage(opened.message) });
    announceMessage(hub, runId, opened.message);
    message = { id: opened.message.id, text: "", begun: false };
    return message;
  }

  return {
    async open() {
      await open();
    },
    async write(delta) {
      const current = await open();
      current.text += delta;
      const annotations = current.begun ? {} : { annotations: [] };
      current.begun = true;
      saver.changed();
      hub.publish(runId, {
        event: "thread.message.delta",
        data: {
          id: current.id,
          object: "thread.message.delta",
          delta: { content: [{ index: 0, type: "text", text: { value: delta, ...annotations } }] },
        },
      });
    },
    async complete() {
      if (message === undefined) return;
      await saver.stop();
      const { id, text } = message;
      announceChanged(hub, runId, await completeMessage(sql, claim, id, text, clock()));
      message = undefined;
    },
    settle: () => saver.stop(),
    get text() {
      return message?.text;
    },
  };
}
