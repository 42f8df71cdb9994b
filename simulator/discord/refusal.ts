/** The platform's "no": becomes an error body with Discord's own code. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: number;
  readonly errors: object | undefined;

  constructor(status: number, code: number, message: string, errors?: object) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** Discord's JSON error codes that the simulator knows, with their status and words. */
const KNOWN: Readonly<Record<string, readonly [status: number, message: string]>> = {
  0: [401, "401: Unauthorized"],
  /** A route that does not exist; its body has the code 0. */
  404: [404, "404: Not Found"],
  10003: [404, "Unknown Channel"],
  10004: [404, "Unknown Guild"],
  10007: [404, "Unknown Member"],
  10008: [404, "Unknown Message"],
  10013: [404, "Unknown User"],
  10015: [404, "Unknown Webhook"],
  10062: [404, "Unknown interaction"],
  30046: [400, "Maximum number of edits to messages older than 1 hour reached. Try again later"],
  40005: [413, "Request entity too large"],
  40060: [400, "Interaction has already been acknowledged."],
  50001: [403, "Missing Access"],
  50003: [403, "Cannot execute action on a DM channel"],
  50005: [403, "Cannot edit a message authored by another user"],
  50006: [400, "Cannot send an empty message"],
  50007: [403, "Cannot send messages to this user"],
  50013: [403, "Missing Permissions"],
  50024: [400, "Cannot execute action on this channel type"],
  50027: [401, "Invalid Webhook Token"],
  50035: [400, "Invalid Form Body"],
  50083: [400, "Thread is archived"],
  160004: [400, "A thread has already been created for this message"],
  160005: [400, "Thread is locked"],
};

/** A refusal by Discord's own code; a code that the simulator does not know is a 400. */
export function refuse(code: number | string, errors?: object): Refusal {
  const [status, message] = KNOWN[String(code)] ?? [400, `Error ${code}`];
  return new Refusal(status, status === Number(code) ? 0 : Number(code) || 0, message, errors);
}

/** A refused form, as Discord nests it: `{ content: { _errors: [{ code, message }] } }`. */
export function refuseForm(path: readonly string[], code: string, message: string): Refusal {
  let errors: object = { _errors: [{ code, message }] };
  for (const key of path.toReversed()) errors = { [key]: errors };
  return refuse(50035, errors);
}
