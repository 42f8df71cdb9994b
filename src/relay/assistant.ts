import type OpenAI from "openai";

/** What an assistant of ours is; the server's object is kept in step with it. */
export interface AssistantSettings {
  /** The key in patchbay.yml. */
  readonly key: string;
  readonly name: string;
  readonly model: string;
  readonly instructions: string;
}

/** The server's assistants for our settings: found again by their metadata, made where missing, updated where different. */
export interface AssistantDirectory {
  idOf(settings: AssistantSettings): Promise<string>;
  /** Looks at the server again before the next use. */
  forget(): void;
}

export function createAssistantDirectory(client: OpenAI): AssistantDirectory {
  const known = new Map<string, { id: string; settings: AssistantSettings }>();
  return {
    async idOf(settings) {
      const cached = known.get(settings.key);
      if (cached !== undefined && cached.settings === settings) return cached.id;
      const id = await keepInStep(client, settings);
      known.set(settings.key, { id, settings });
      return id;
    },
    forget: () => known.clear(),
  };
}

async function keepInStep(client: OpenAI, settings: AssistantSettings): Promise<string> {
  const { key, name, model, instructions } = settings;
  for await (const found of client.beta.assistants.list({ order: "asc", limit: 100 })) {
    if (metadataOf(found)["patchbay"] !== key) continue;
    if (found.name !== name || found.model !== model || found.instructions !== instructions) {
      await client.beta.assistants.update(found.id, { name, model, instructions });
    }
    return found.id;
  }
  const made = await client.beta.assistants.create({
    name,
    model,
    instructions,
    metadata: { patchbay: key },
  });
  return made.id;
}

function metadataOf(object: { metadata: Record<string, string> | null }): Record<string, string> {
  return object.metadata ?? {};
}
