import type { Log } from "../../src/log.ts";
import type { Reader, Speaker, Streamer } from "../../src/relay/platform.ts";
import { createActivity } from "./activity.ts";
import type { Clients } from "./clients.ts";
import type { Directory } from "./directory.ts";
import { createDownload } from "./downloads.ts";
import { createEarlier } from "./earlier.ts";
import { createFind } from "./finding.ts";
import { format } from "./format.ts";
import type { Identity } from "./identity.ts";
import { createUnmarked } from "./marks.ts";
import { createPosting } from "./posting.ts";
import { createStreams, type Streaming } from "./streams.ts";
import { createUpload } from "./uploads.ts";

interface SpeakingOptions {
  readonly botToken: string;
  readonly apiUrl?: string | undefined;
  readonly streaming?: Streaming | undefined;
  readonly clients: Clients;
  readonly directory: Directory;
  readonly identity: () => Identity | undefined;
  readonly log: Log;
}

/** Everything that the bot asks of Slack by itself: its replies, and what it reads for them. */
export function createSpeaking(options: SpeakingOptions): Speaker & Reader & Streamer {
  const { clients, directory, identity, log, streaming = "auto" } = options;
  const { web: client, fetch } = clients;
  const unmarked = createUnmarked();
  const { stream, fits } = createStreams({ client, directory, streaming, unmarked, log });
  return {
    ...createPosting({ client, unmarked }),
    budget: ({ workspace }) => `slack ${workspace}`,
    format,
    find: createFind({ client, unmarked, identity }),
    stream,
    showActivity: createActivity({ client, stoppable: fits, log }),
    earlier: createEarlier({ client, directory, identity }),
    upload: createUpload({ client, fetch }),
    download: createDownload({ ...options, fetch, client }),
  };
}
