/** Unix seconds: node-postgres gives bigint as text, and rows that were read through to_json give it as a number. */
export type Time = string | number;

export function secondsOf(time: Time): number {
  return Number(time);
}

export function maybeSecondsOf(time: Time | null): number | null {
  return time === null ? null : Number(time);
}

/** Every object or array goes into a json column; node-postgres would write arrays as SQL arrays. */
export function listColumns(fields: Readonly<Record<string, unknown>>): {
  readonly names: string[];
  readonly values: unknown[];
} {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    names: given.map(([name]) => name),
    values: given.map(([name, value]) => columnValue(name, value)),
  };
}

/** The json columns whose value may also be a plain word, such as `auto`. */
const JSON_COLUMNS = new Set(["response_format", "tool_choice"]);

function columnValue(name: string, value: unknown): unknown {
  if (value === null) return null;
  return typeof value === "object" || JSON_COLUMNS.has(name) ? JSON.stringify(value) : value;
}
