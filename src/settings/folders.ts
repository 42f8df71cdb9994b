import { type FSWatcher, watch } from "node:fs";

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";

/** Calls `onEvent` when something in `dir` changes, until it is disposed. `onError`: it will tell nothing more. */
export type OpenFolder = (
  dir: string,
  onEvent: () => void,
  onError: (error: Error) => void,
) => Disposable;

/** Watches some folders. Folders and not files, because an atomic save puts a new file in the place of the old one. */
export interface Folders extends Disposable {
  /** These are watched from now on, and no others. What cannot be watched is tried again by the next call. */
  follow(dirs: ReadonlySet<string>): void;
}

export function createFolders(
  onEvent: () => void,
  log: Log,
  open: OpenFolder = openFolder,
): Folders {
  const watched = new Map<string, Disposable>();
  const close = (dir: string): void => {
    watched.get(dir)?.[Symbol.dispose]();
    watched.delete(dir);
  };
  const fail = (dir: string, error: unknown): void => {
    close(dir);
    log.debug(
      { dir, error: messageOf(error) },
      "a folder cannot be watched; it is looked at every few seconds",
    );
  };
  return {
    follow(dirs) {
      for (const dir of watched.keys()) if (!dirs.has(dir)) close(dir);
      for (const dir of dirs) {
        if (watched.has(dir)) continue;
        try {
          watched.set(
            dir,
            open(dir, onEvent, (error) => fail(dir, error)),
          );
        } catch (error) {
          fail(dir, error);
        }
      }
    },
    [Symbol.dispose]() {
      for (const dir of watched.keys()) close(dir);
    },
  };
}

const openFolder: OpenFolder = (dir, onEvent, onError) => {
  // Every event counts, whatever file it names: Kubernetes swaps a link beside the file, editors rename.
  const watcher: FSWatcher = watch(dir, onEvent);
  watcher.on("error", onError);
  return { [Symbol.dispose]: () => watcher.close() };
};
