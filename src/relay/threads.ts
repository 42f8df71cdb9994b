import type { Keyv } from "keyv";
import type OpenAI from "openai";

/** What is kept for a conversation. */
export interface KnownThread {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** Which Assistants thread a conversation has. Written only by the turn that holds the conversation. */
export interface Threads {
  /** Its thread; a new one where it has none, or none that was used within `freshAfter` ms. */
  of(conversation: string, freshAfter?: number): Promise<string>;
  /** The next question starts a fresh thread. */
  forget(conversation: string): Promise<void>;
}

export function createThreads(client: OpenAI, keyv: Keyv<KnownThread>): Threads {
  return {
    async of(conversation, freshAfter = Infinity) {
      const known = await keyv.get(conversation);
      const id =
        known !== undefined && Date.now() - known.usedAt < freshAfter
          ? known.id
          : (
              await client.beta.threads.create({
                metadata: { conversation: conversation.slice(0, 512) },
              })
            ).id;
      await keyv.set(conversation, { id, usedAt: Date.now() });
      return id;
    },
    async forget(conversation) {
      await keyv.delete(conversation);
    },
  };
}
