import type OpenAI from "openai";

/** What an assistant of ours is; the server's object is kept in step with it. */
export interface AssistantSettings {
  /** The key in patchbay.yml. */
  readonly key: string;
  readonly name: string;
  readonly model: string;
  readonly instructions: string;
  readonly tools: readonly OpenAI.Beta.FunctionTool[];
}

/** The server's assistants for our settings: found again by their metadata, made where missing, updated where different. */
export interface AssistantDirectory {
  idOf(settings: AssistantSettings): Promise<string>;
  /** Looks at the server again before the next use. */
  forget(): void;
}

export function createAssistantDirectory(client: OpenAI): AssistantDirectory {
  /** Turns that start together wait for one look at the server instead of each making an assistant. */
  const known = new Map<string, { readonly version: string; readonly id: Promise<string> }>();
  return {
    idOf(settings) {
      const version = JSON.stringify(settings);
      const cached = known.get(settings.key);
      if (cached?.version === version) return cached.id;
      const id = keepInStep(client, settings);
      known.set(settings.key, { version, id });
      id.catch(() => known.delete(settings.key));
      return id;
    },
    forget: () => known.clear(),
  };
}

async function keepInStep(client: OpenAI, settings: AssistantSettings): Promise<string> {
  const { key, name, model, instructions } = settings;
  const wanted = { name, model, instructions, tools: [...settings.tools] };
  for await (const found of client.beta.assistants.list({ order: "asc", limit: 100 })) {
    const metadata: Record<string, string> = found.metadata ?? {};
    if (metadata["patchbay"] !== key) continue;
    await client.beta.assistants.update(found.id, wanted);
    return found.id;
  }
  const made = await client.beta.assistants.create({ ...wanted, metadata: { patchbay: key } });
  return made.id;
}
