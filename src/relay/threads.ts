import type { Keyv } from "keyv";
import type OpenAI from "openai";

/** Which Assistants thread a conversation has. Written only by the turn that holds the conversation. */
export interface Threads {
  /** Its thread; a new one where it has none. */
  of(conversation: string): Promise<string>;
  /** The next question starts a fresh thread. */
  forget(conversation: string): Promise<void>;
}

export function createThreads(client: OpenAI, keyv: Keyv<string>): Threads {
  return {
    async of(conversation) {
      const known = await keyv.get(conversation);
      if (known !== undefined) return known;
      const thread = await client.beta.threads.create({ metadata: { conversation } });
      await keyv.set(conversation, thread.id);
      return thread.id;
    },
    async forget(conversation) {
      await keyv.delete(conversation);
    },
  };
}
