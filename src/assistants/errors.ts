/** An answer of the API that says no, in the form that every OpenAI client understands. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: 400 | 401 | 404 | 413 | 500 | 503;
  readonly type: "invalid_request_error" | "server_error";
  readonly param: string | null;
  readonly code: string | null;

  constructor(
    status: ApiError["status"],
    message: string,
    details: { param?: string | null; code?: string | null } = {},
  ) {
    super(message);
    this.status = status;
    this.type = status >= 500 ? "server_error" : "invalid_request_error";
    this.param = details.param ?? null;
    this.code = details.code ?? null;
  }

  /** The `error` object of an answer, and the data of a stream's `error` event. */
  get body(): ErrorBody {
    return { message: this.message, type: this.type, param: this.param, code: this.code };
  }
}

export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** Something went wrong here, and the client can do nothing about it; the log has the details. */
export const SORRY = "The server had an error while processing your request. Sorry about that!";

export function notFound(
  kind: "assistant" | "thread" | "message" | "run" | "run step",
  id: string,
): ApiError {
  return new ApiError(404, `No ${kind} found with id '${id}'.`);
}

export function refuse(message: string, details: { param?: string; code?: string } = {}): ApiError {
  return new ApiError(400, message, details);
}
