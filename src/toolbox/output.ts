/** A result that is neither a string nor a JSON value. */
export class NotJson extends Error {
  override readonly name = "NotJson";
}

/** What a tool returned, as the text that the model reads. Throws NotJson. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "Done; the tool returned nothing.";
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new NotJson(
      error instanceof Error ? (error.message.split("\n")[0] ?? "") : "it cannot be serialised",
      { cause: error },
    );
  }
  if (text === undefined) throw new NotJson(`it is a ${typeof value}`);
  return text;
}

/** At most `most` characters of the text, and a last line that says how many are missing. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // A cut between the halves of a surrogate pair would leave a character that no endpoint accepts.
  const kept = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "");
  return `${kept}\n[${text.length - kept.length} characters were cut]`;
}

/** What a tool threw, without its stack: that may be anything, a string and undefined included. */
export function reasonOf(thrown: unknown): string {
  const told =
    typeof thrown === "string"
      ? thrown
      : typeof thrown === "object" &&
          thrown !== null &&
          "message" in thrown &&
          typeof thrown.message === "string"
        ? thrown.message
        : "";
  const lines = told.split("\n").filter((line) => !/^\s+at .+(:\d+|\(.*\))/.test(line));
  const reason = cut(lines.join("\n").trim(), 2_000);
  return reason === "" ? "the tool failed without saying why" : reason;
}
