import type OpenAI from "openai";

import type { Log } from "../log.ts";
import type { ChannelSettings, Settings } from "../settings/settings.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Parts } from "../store/parts.ts";
import type { ToolCalls } from "../store/tool-calls.ts";
import type { Turn, Turns } from "../store/turns.ts";
import type { Toolbox } from "../toolbox/index.ts";
import type { AssistantDirectory } from "./assistant.ts";
import type { Budgets } from "./budget.ts";
import type { Observe } from "./events.ts";
import type { Place, PlatformName } from "./message.ts";
import type { Platform } from "./platform.ts";
import type { Question } from "./question.ts";
import type { Threads } from "./threads.ts";

/** What answering needs; app.ts puts it together. */
export interface Relay {
  readonly client: OpenAI;
  readonly platforms: ReadonlyMap<PlatformName, Platform>;
  readonly settings: () => Settings;
  /** Of assistants whose settings name none. */
  readonly defaultModel: string;
  readonly threads: Threads;
  readonly assistants: AssistantDirectory;
  readonly toolbox: Toolbox;
  readonly inbox: Inbox;
  readonly turns: Turns;
  readonly parts: Parts;
  readonly toolCalls: ToolCalls;
  readonly budgets: Budgets;
  /** Never shown in a reply. */
  readonly secrets: readonly string[];
  readonly observe: Observe;
  readonly log: Log;
}

/** One try at one turn. */
export interface Attempt {
  readonly relay: Relay;
  readonly turn: Turn;
  /** What is answered: the turn's messages, without what stands before a `new`. */
  readonly questions: readonly Question[];
  readonly platform: Platform;
  readonly place: Place;
  /** As they are when the attempt begins; a change holds from the next one on. */
  readonly settings: Settings;
  readonly channel: ChannelSettings;
  readonly log: Log;
  readonly signal: AbortSignal;
}
