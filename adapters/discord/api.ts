import { REST, RequestMethod, type RouteLike, Routes } from "discord.js";
import { z } from "zod";

import type { PlatformRefused } from "../../src/errors.ts";
import { isUnauthorised, tokenFault, translate } from "./errors.ts";
import { REQUEST_TIMEOUT, UPLOAD_TIMEOUT } from "./limits.ts";
import { impatient } from "./rest.ts";

interface ApiRequest {
  readonly method: RequestMethod;
  readonly route: RouteLike;
  readonly body?: unknown;
  readonly query?: URLSearchParams;
  /** Sent beside the body; such a request has as long as UPLOAD_TIMEOUT. */
  readonly files?: readonly { readonly name: string; readonly data: Uint8Array }[];
  /** False where the route holds a token of its own: answers to interactions. */
  readonly auth?: false;
  /** Gives up before the request's own timeout. */
  readonly signal?: AbortSignal;
}

/** Discord's REST API. Throws PlatformRefused, PlatformUnreachable or RateLimited, nothing else. */
export interface Api extends Disposable {
  /** What Discord answered, as far as `answer` asks for it. */
  request<T>(request: ApiRequest, answer: z.ZodType<T>): Promise<T>;
  /** The bot's own user id; asked for once. */
  me(): Promise<string>;
}

/** For answers of which nothing is needed. */
export const Anything = z.unknown();
export const Identified = z.object({ id: z.string() });

interface ApiOptions {
  readonly token: string;
  readonly apiUrl: string | undefined;
  /** Called when Discord no longer takes the token. */
  readonly onFatal: (error: Error) => void;
}

/**
 * A client of its own beside the gateway's: a replica without the gateway posts as well,
 * and posts go on after the gateway was closed.
 */
export function createApi({ token, apiUrl, onFatal }: ApiOptions): Api {
  const options = impatient(apiUrl);
  const rest = new REST(options).setToken(token);
  // discord.js sends what goes to one channel one after the other; no part of a reply waits behind a long upload.
  const uploads = new REST({ ...options, timeout: UPLOAD_TIMEOUT }).setToken(token);
  const closing = new AbortController();
  // discord.js drops the token at the first 401; later requests fail as that one did.
  let refused: PlatformRefused | undefined;
  let own: string | undefined;

  const api: Api = {
    async request({ method, route, signal: given, files, ...rests }, answer) {
      if (refused !== undefined) throw refused;
      const [client, timeout] =
        files === undefined ? [rest, REQUEST_TIMEOUT] : [uploads, UPLOAD_TIMEOUT];
      // Covers the wait in discord.js' queue and the reading of the answer, which its own timeout does not.
      const ends = [closing.signal, AbortSignal.timeout(timeout)];
      const signal = AbortSignal.any(given === undefined ? ends : [...ends, given]);
      try {
        const request = { method, fullRoute: route, signal, ...rests };
        return answer.parse(
          await client.request(files === undefined ? request : { ...request, files: [...files] }),
        );
      } catch (error) {
        const translated = translate(error);
        if (translated.name === "PlatformRefused" && isUnauthorised(translated)) {
          refused ??= translated;
          onFatal(tokenFault());
        }
        throw translated;
      }
    },
    async me() {
      const self = { method: RequestMethod.Get, route: Routes.user("@me") };
      return (own ??= (await api.request(self, Identified)).id);
    },
    [Symbol.dispose]() {
      closing.abort(new Error("Discord's REST client was closed."));
      for (const client of [rest, uploads]) {
        client.clearHashSweeper();
        client.clearHandlerSweeper();
      }
    },
  };
  return api;
}
