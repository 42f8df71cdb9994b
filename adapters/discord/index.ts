import type { Log } from "../../src/log.ts";
import type { CatchesUp, Platform } from "../../src/relay/platform.ts";
import { createApi } from "./api.ts";
import { createDirectory } from "./directory.ts";
import { createDownload } from "./download.ts";
import { format } from "./format.ts";
import { createHistory } from "./history.ts";
import { LIMITS } from "./limits.ts";
import { createListener } from "./listening.ts";
import { createPosting } from "./posting.ts";
import { createRecent } from "./recent.ts";
import { createThreads } from "./threads.ts";

export interface DiscordPlatformOptions {
  readonly token: string;
  /** Base of the REST API, ending in `/api`; Discord's own by default. */
  readonly apiUrl?: string | undefined;
  readonly log: Log;
  /** Called once when Discord ends it for good, e.g. because the token was reset: the process should exit. */
  readonly onFatal?: (error: Error) => void;
}

/** Discord through discord.js: messages over the gateway, replies over REST. */
export function createDiscordPlatform(options: DiscordPlatformOptions): Platform & CatchesUp {
  const { token, apiUrl, log } = options;
  const parts = { token, apiUrl, log };
  let fatal = false;
  const onFatal = (error: Error): void => {
    if (fatal) return;
    fatal = true;
    log.error({ error: error.message }, "Discord ended it");
    options.onFatal?.(error);
  };
  const api = createApi({ token, apiUrl, onFatal });
  const recent = createRecent();
  const { directory, fill } = createDirectory();
  const listener = createListener({ ...parts, api, recent, directory, onNames: fill, onFatal });

  return {
    name: "discord",
    limits: LIMITS,
    start: (hands) => listener.start(hands),
    stop: () => listener.stop(),
    catchUp: (after, bounds, signal) => listener.catchUp(after, bounds, signal),
    get ready() {
      return listener.ready;
    },
    budget: ({ channel }) => channel,
    format,
    ...createPosting(api, createThreads(api, recent, log), log),
    ...createHistory({ api, recent, directory }),
    download: createDownload(api, apiUrl),
    async [Symbol.asyncDispose]() {
      await listener.stop();
      api[Symbol.dispose]();
    },
  };
}
