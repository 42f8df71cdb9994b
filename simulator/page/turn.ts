import type { Happening } from "./happening.ts";
import { endTool, startTool, type ToolView } from "./tool-line.ts";

/** One question and what has happened to it so far. */
export interface TurnView {
  readonly id: string;
  readonly room: string;
  /** The question's message. */
  readonly question: string;
  /** All messages that it answers. */
  readonly messages: readonly string[];
  /** The message whose thread the answer belongs in, where there is one. */
  readonly thread?: string;
  readonly asker: string;
  readonly excerpt: string;
  /** When the question was written, in milliseconds since 1970; the steps' times count from here. */
  readonly since: number;
  readonly state: "waiting" | "working" | "done" | "failed" | "released";
  readonly steps: readonly Step[];
  readonly tools: readonly ToolView[];
  /** The messages of the answer, in order. */
  readonly replies: readonly string[];
}

interface Step {
  readonly type: "received" | "started" | "run" | "tool" | "posted" | "edits" | "removed" | "ended";
  readonly label: string;
  /** Milliseconds since the question was written; for edits the last one. */
  readonly ms: number;
  readonly count?: number;
  /** The tool call that this step is about. */
  readonly call?: string;
}

export type Question = Pick<
  TurnView,
  "room" | "question" | "thread" | "asker" | "excerpt" | "since"
>;

export function openTurn(id: string, question: Question): TurnView {
  return {
    id,
    ...question,
    messages: [question.question],
    state: "waiting",
    steps: [],
    tools: [],
    replies: [],
  };
}

/** The turn after one more thing has happened to it. */
export function advance(turn: TurnView, happening: Happening): TurnView {
  const ms = Math.max(0, Math.round(happening.at - turn.since));
  const step = (type: Step["type"], label: string, more: Partial<Step> = {}): readonly Step[] => [
    ...turn.steps,
    { type, label, ms, ...more },
  ];
  switch (happening.type) {
    case "received":
      return { ...turn, steps: step("received", "received") };
    case "started": {
      const { attempt, messages } = happening;
      const working = { ...turn, messages, state: "working" as const };
      if (attempt > 0) return { ...working, steps: step("started", `attempt ${attempt + 1}`) };
      return messages.length > 1
        ? { ...working, steps: step("started", `${messages.length} messages together`) }
        : working;
    }
    case "run":
      return { ...turn, steps: step("run", happening.resumed ? "run resumed" : "run") };
    case "tool": {
      const { call, name } = happening;
      const others = turn.tools.filter((tool) => tool.call !== call);
      const tools = [...others, startTool(call, name, happening.arguments)];
      return { ...turn, tools, steps: step("tool", name, { call }) };
    }
    case "tool_ended":
      return {
        ...turn,
        tools: turn.tools.map((tool) =>
          tool.call === happening.call ? endTool(tool, happening) : tool,
        ),
      };
    case "shown":
      return { ...turn, steps: shown(turn.steps, happening, ms) };
    case "ended": {
      const label = { done: "final", failed: "failed", released: "left to the next attempt" };
      return { ...turn, state: happening.outcome, steps: step("ended", label[happening.outcome]) };
    }
  }
}

/** Edits in a row are one step. */
function shown(
  steps: readonly Step[],
  { part, how }: Extract<Happening, { type: "shown" }>,
  ms: number,
): readonly Step[] {
  if (how === "post") {
    const label = part === 0 ? "first words" : `part ${part + 1}`;
    return [...steps, { type: "posted", label, ms }];
  }
  if (how === "remove")
    return [...steps, { type: "removed", label: `part ${part + 1} removed`, ms }];
  const last = steps.at(-1);
  const count = last?.type === "edits" ? (last.count ?? 0) + 1 : 1;
  const before = last?.type === "edits" ? steps.slice(0, -1) : steps;
  return [
    ...before,
    { type: "edits", label: count === 1 ? "1 edit" : `${count} edits`, ms, count },
  ];
}
