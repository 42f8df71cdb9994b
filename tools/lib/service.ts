/** Milliseconds that a system has for all requests of one call; less than a tool's own time, so that it can be named. */
export const PATIENCE = 15_000;

/** A system that is asked over HTTP, for the time of one call. */
export interface Service {
  /** As people call it. */
  readonly name: string;
  readonly base: URL;
  /** The variable that holds its address. */
  readonly addressIn: string;
  /** The variables that it is logged in to with. */
  readonly access: string;
  readonly loggedIn: boolean;
  /** What every request to it carries. */
  readonly headers: Headers;
  readonly signal: AbortSignal;
  /** What this system means by a refusal; undefined where it means what everybody means by it. */
  explain(refusal: Refusal): string | undefined;
}

/** An answer other than 2xx. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  /** What the system said, shortened; empty where that was a web page or nothing. */
  readonly told: string;
  readonly isPage: boolean;
}

type ServiceOptions = Omit<Service, "explain" | "headers"> &
  Partial<Pick<Service, "explain">> & { readonly headers: Readonly<Record<string, string>> };

/** Begins the time that the system has to answer. Throws an Error where a token cannot be sent as it is. */
export function createService(options: ServiceOptions): Service {
  return {
    explain: () => undefined,
    ...options,
    headers: readHeaders(options),
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(PATIENCE)]),
  };
}

function readHeaders({ headers, access }: ServiceOptions): Headers {
  try {
    return new Headers({ accept: "application/json", "user-agent": "patchbay", ...headers });
  } catch (error) {
    // A token with an ellipsis in it was copied from a page that had shortened it.
    throw new Error(`${access} holds a character that cannot be sent. Copy it again.`, {
      cause: error,
    });
  }
}
