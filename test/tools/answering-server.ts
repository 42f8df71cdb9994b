import { createServer, type IncomingHttpHeaders } from "node:http";

export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

export interface Given {
  readonly status?: number;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AnsweringServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Resolves once there is a request. */
  readonly arrived: Promise<void>;
  /** Resolves once a request that is not answered has been given up by the client. */
  readonly left: Promise<void>;
}

/** A server on 127.0.0.1; "silence" leaves a request without an answer. */
export async function createAnsweringServer(
  answer: (asked: Asked) => Given | "silence",
): Promise<AnsweringServer> {
  const asked: Asked[] = [];
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const one = { path: url.pathname, query: url.searchParams, headers: request.headers };
    asked.push(one);
    arrived.resolve();
    const given = answer(one);
    if (given === "silence") {
      response.on("close", () => left.resolve());
      return;
    }
    const isText = typeof given.body === "string";
    response.writeHead(given.status ?? 200, {
      "content-type": isText ? "text/html;charset=UTF-8" : "application/json;charset=UTF-8",
      ...given.headers,
    });
    response.end(isText ? given.body : JSON.stringify(given.body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    arrived: arrived.promise,
    left: left.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** An address on which nothing listens. */
export async function findClosedAddress(): Promise<string> {
  await using server = await createAnsweringServer(() => "silence");
  return server.url;
}

export const LOGIN_PAGE =
  '<!DOCTYPE html><html lang="en"><head><title>Log in</title></head><body>Continue with SSO</body></html>';
