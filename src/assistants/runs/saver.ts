/** Milliseconds from a change to the start of its save; the promise to readers is 500 with the save itself. */
const PAUSE = 400;

export interface Saver {
  /** There is something to save; `value` is asked for when the save begins. */
  changed(): void;
  /** Saves nothing more, and waits for a save that is under way. */
  stop(): Promise<void>;
}

/** Saves a growing value now and then, one save at a time. After a failure it saves no more. */
export function createSaver(save: () => Promise<void>, failed: (error: unknown) => void): Saver {
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> | undefined;
  let stale = false;
  let stopped = false;

  function schedule(): void {
    if (stopped || timer !== undefined || saving !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      stale = false;
      saving = save()
        .catch((error: unknown) => {
          stopped = true;
          failed(error);
        })
        .finally(() => {
          saving = undefined;
          if (stale) schedule();
        });
    }, PAUSE);
  }

  return {
    changed() {
      stale = true;
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await saving;
    },
  };
}
