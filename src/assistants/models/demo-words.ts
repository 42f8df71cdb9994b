const SUFFIX = "(demo model)";
/** Words and numbers that one answer holds at most. */
const LONGEST = 5_000;
const LOREM =
  "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua".split(
    " ",
  );

export interface Asked {
  /** What people wrote since the last answer. */
  readonly question: string;
  /** The texts of the conversation before that, oldest first. */
  readonly earlier: readonly string[];
  readonly tools: readonly string[];
}

/** An answer without a tool. Says what the model is, and repeats what it was asked. */
export function answerQuestion({ question, earlier, tools }: Asked): string {
  const count = Number(/\bcount (?:up )?to (\d{1,6})\b/i.exec(question)?.[1] ?? 0);
  if (count > 0)
    return `${Array.from({ length: Math.min(count, LONGEST) }, (_, index) => index + 1).join(" ")} ${SUFFIX}`;
  const length = Number(/\b(\d{1,6}) words\b/i.exec(question)?.[1] ?? 0);
  if (length > 0) return `${lorem(Math.min(length, LONGEST))} ${SUFFIX}`;
  const quoted = [...earlier, question].flatMap(quotedLines);
  if (/\b(summar|sum up|tl;?dr|recap)/i.test(question) && quoted.length > 0)
    return `Earlier messages:\n${quoted.map((line) => `- ${line}`).join("\n")}\n${SUFFIX}`;
  const offer =
    tools.length === 0
      ? "No tools were given to me."
      : `Tools I can call when a question fits: ${tools.join(", ")}.`;
  return `I am the demo model: no model endpoint is set up, so I only use the words I was given. You asked: “${shorten(withoutName(question), 200)}” ${offer} ${SUFFIX}`;
}

/** Tool outputs as sentences, in the order of their calls. */
export function sayOutputs(outputs: readonly string[]): string {
  return `${outputs.map(sayOutput).join(" ")} ${SUFFIX}`;
}

function sayOutput(output: string): string {
  let value: unknown = output;
  try {
    value = JSON.parse(output);
  } catch {
    // Most tools answer in plain text.
  }
  if (Array.isArray(value)) {
    const some = value.slice(0, 5).map((one: unknown) => sayValue(one));
    return value.length === 0
      ? "The tool found nothing."
      : `Found ${value.length}: ${some.join(" ")}`;
  }
  return sayValue(value);
}

function sayValue(value: unknown): string {
  if (typeof value === "object" && value !== null) return sayRecord(new Map(Object.entries(value)));
  return sentence(shorten(String(value), 600));
}

type Fields = ReadonlyMap<string, unknown>;

/** "OPS-1 is in progress, assigned to Lee." from whichever of the usual names for such fields are there. */
function sayRecord(fields: Fields): string {
  const subject = pick(fields, ["id", "key", "identifier", "name", "service", "title"]);
  const status = pick(fields, ["status", "state"])?.replaceAll(/[_-]/g, " ").toLowerCase();
  const who = pick(fields, ["assignee", "assigned_to", "assignedTo", "owner"]);
  if (subject !== undefined && status !== undefined)
    return sentence(`${subject} is ${status}${who === undefined ? "" : `, assigned to ${who}`}`);
  const told = pick(fields, ["text", "message", "answer", "error"]);
  if (told !== undefined) return sentence(told);
  const title = pick(fields, ["title", "summary", "description"]);
  if (subject !== undefined && title !== undefined && title !== subject)
    return sentence(`${subject}: ${title}${who === undefined ? "" : `, assigned to ${who}`}`);
  const rest = [...fields].map(([name, value]) => `${name.replaceAll("_", " ")}: ${plain(value)}`);
  return rest.length === 0 ? "The tool found nothing." : sentence(rest.join(", "));
}

function pick(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields.get(name);
    if ((typeof value === "string" && value.trim() !== "") || typeof value === "number")
      return String(value).trim();
  }
  return undefined;
}

function plain(value: unknown): string {
  return shorten(typeof value === "string" ? value : JSON.stringify(value), 120);
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…:)]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** Earlier messages that were handed over as quotes. */
function quotedLines(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const quote = /^\s*>\s?(.+)$/.exec(line)?.[1]?.trim();
    return quote === undefined || quote === "" ? [] : [shorten(quote, 160)];
  });
}

/** A message of the relay opens with its author's name. */
function withoutName(text: string): string {
  return text.replaceAll(/^\p{Lu}[\p{L}\p{M}'’. -]{0,40}: /gmu, "").trim();
}

function shorten(text: string, most: number): string {
  // A cut must not leave half of a surrogate pair behind.
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function lorem(count: number): string {
  return Array.from({ length: count }, (_, index) => LOREM[index % LOREM.length]).join(" ");
}
