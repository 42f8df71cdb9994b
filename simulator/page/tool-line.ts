import { shorten } from "./escape.ts";

/** What the page shows of one tool call: a line, and behind it the whole of arguments and output. */
export interface ToolView {
  readonly call: string;
  readonly name: string;
  /** On one line, as in `id: "OPS-1"`. */
  readonly summary: string;
  readonly arguments: string;
  readonly output?: string;
  /** Absent while it runs. */
  readonly ok?: boolean;
  /** Milliseconds. */
  readonly duration?: number;
  /** What went wrong, on one line. */
  readonly error?: string;
}

/** Characters of the summary, of the error, and of what opens below. */
const SUMMARY = 60;
const ERROR = 120;
const LONGEST = 4_000;

export function startTool(call: string, name: string, json: string): ToolView {
  return { call, name, summary: summaryOf(json), arguments: indent(json) };
}

export function endTool(
  tool: ToolView,
  {
    ok,
    output,
    duration,
  }: { readonly ok: boolean; readonly output: string; readonly duration: number },
): ToolView {
  const ended = { ...tool, ok, duration: Math.round(duration), output: indent(output) };
  return ok ? ended : { ...ended, error: shorten(output, ERROR) };
}

function summaryOf(json: string): string {
  const value = parse(json);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return shorten(json, SUMMARY);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${JSON.stringify(field)}`);
  return shorten(fields.join(", "), SUMMARY);
}

function indent(text: string): string {
  const value = parse(text);
  const whole = typeof value === "object" && value !== null ? JSON.stringify(value, null, 2) : text;
  const left = whole.length - LONGEST;
  return left > 0 ? `${whole.slice(0, LONGEST)}\n… and ${left} more characters` : whole;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
