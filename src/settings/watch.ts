import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { SettingsFault } from "./fault.ts";
import { createFolders, type OpenFolder } from "./folders.ts";
import { isSame, type Loaded, loadSettings, readAgain } from "./load.ts";
import type { Settings } from "./settings.ts";

/** The settings as the file stands, followed while it changes. Disposing ends watchers, timers and reads. */
export interface SettingsWatch extends AsyncDisposable {
  /** The last that were without fault. The same object until the file changes. */
  current(): Settings;
  /** What is wrong with the newest content, each with its place; empty while it is in force. */
  faults(): readonly string[];
}

export interface WatchOptions {
  /** CONFIG_FILE; undefined means ./patchbay.yml, which need not exist and is picked up when it appears. */
  readonly file: string | undefined;
  /** New settings are in force. Also called when a broken file is mended. */
  readonly onChange: (settings: Settings) => void;
  /** A changed file is faulty, and the settings before it stay in force. Once for each content; already logged. */
  readonly onFault: (fault: SettingsFault) => void;
  readonly log: Log;
  /** Ends the watching as disposing does. */
  readonly signal: AbortSignal;
  /** How a folder is watched; fs.watch where not given. */
  readonly openFolder?: OpenFolder;
  /** Milliseconds between looks where no event comes, as on network and Docker mounts; 5,000 where not given. */
  readonly pollEvery?: number;
}

/** Milliseconds that the files must rest before they are taken: editors and copies write in several steps. */
const SETTLE = 100;
const POLL = 5_000;
const DEFAULT_FILE = "patchbay.yml";

/** Reads the settings and follows them. Rejects with a SettingsFault when they are faulty from the start. */
export async function watchSettings(options: WatchOptions): Promise<SettingsWatch> {
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const state = await start(options, signal);
  const following = follow(options, state, signal).catch((error: unknown) => {
    if (!signal.aborted)
      options.log.error({ error: messageOf(error) }, "the settings are not followed any more");
  });
  return {
    current: () => state.current,
    faults: () => state.faults,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await following;
    },
  };
}

interface State {
  /** How the operator knows the file. */
  readonly file: string;
  /** Whether a missing file means the defaults: as long as there has never been one. */
  optional: boolean;
  seen: Loaded;
  current: Settings;
  faults: readonly string[];
}

async function start({ file, log }: WatchOptions, signal: AbortSignal): Promise<State> {
  const named = file ?? DEFAULT_FILE;
  const missing =
    file === undefined
      ? undefined
      : "CONFIG_FILE names this file, but it does not exist; create it, or unset CONFIG_FILE to run with the defaults.";
  const seen = await loadSettings({ file: named, missing, signal });
  if (seen.outcome instanceof SettingsFault) throw seen.outcome;
  log.debug({ file: named, present: seen.present }, "settings read");
  return { file: named, optional: !seen.present, seen, current: seen.outcome, faults: [] };
}

async function follow(options: WatchOptions, state: State, signal: AbortSignal): Promise<void> {
  const { log, openFolder, pollEvery = POLL } = options;
  let wake = Promise.withResolvers<void>();
  const poke = (): void => wake.resolve();
  using held = new DisposableStack();
  const folders = held.use(createFolders(poke, log, openFolder));
  const timer = setInterval(poke, pollEvery);
  held.defer(() => clearInterval(timer));
  signal.addEventListener("abort", poke);
  held.defer(() => signal.removeEventListener("abort", poke));

  // The first look is for what changed between the first reading and now.
  poke();
  for (;;) {
    folders.follow(new Set([...state.seen.contents.keys()].map((name) => path.dirname(name))));
    await wake.promise;
    signal.throwIfAborted();
    wake = Promise.withResolvers();
    await sleep(SETTLE, undefined, { signal });
    const now = await readAgain(state.seen.contents, signal);
    if (isSame(now, state.seen.contents)) continue;
    await sleep(SETTLE, undefined, { signal });
    if (isSame(now, await readAgain(now, signal))) await reload(options, state, signal);
    // Else somebody is still writing: half a file can look like a whole one.
    else poke();
  }
}

async function reload(options: WatchOptions, state: State, signal: AbortSignal): Promise<void> {
  const { log, onChange, onFault } = options;
  const missing = state.optional
    ? undefined
    : "it is gone; the settings read last stay in force until it is back or Patchbay is restarted.";
  const { file } = state;
  const loaded = await loadSettings({ file, missing, signal });
  const { outcome } = loaded;
  state.seen = loaded;
  if (outcome instanceof SettingsFault) {
    state.faults = outcome.faults;
    log.error({ file, faults: outcome.faults }, "the settings are faulty; the last good ones stay");
    tell(() => onFault(outcome), log);
    return;
  }
  state.optional &&= !loaded.present;
  state.current = outcome;
  state.faults = [];
  log.info({ file }, "new settings are in force");
  tell(() => onChange(outcome), log);
}

/** What a listener throws is its own affair: the settings are followed further. */
function tell(listener: () => void, log: Log): void {
  try {
    listener();
  } catch (error) {
    log.error({ error: messageOf(error) }, "a listener of the settings failed");
  }
}
