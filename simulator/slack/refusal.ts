/** Slack's `ok: false`, with its error code and what it says about the arguments. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly details: readonly string[];

  constructor(code: string, details: readonly string[] = []) {
    super(code);
    this.code = code;
    this.details = details;
  }
}
