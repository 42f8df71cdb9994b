/** What onlookers hear of a simulated chat service: tests wait for it, the page shows it. */
export interface Changes<Change> {
  readonly emit: (change: Change) => void;
  /** Calls the listener for every change; the returned function ends that. */
  readonly subscribe: (listener: (change: Change) => void) => () => void;
  /**
   * Resolves with the predicate's first truthy value, asked now and after every change.
   * Rejects after `timeout` milliseconds, 5,000 by default.
   */
  readonly waitFor: <T>(predicate: () => T, timeout?: number) => Promise<NonNullable<T>>;
}

export function createChanges<Change>(): Changes<Change> {
  const listeners = new Set<(change: Change) => void>();
  const subscribe = (listener: (change: Change) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  async function waitFor<T>(predicate: () => T, timeout = 5000): Promise<NonNullable<T>> {
    const already = predicate();
    if (already) return already;
    const { promise, resolve, reject } = Promise.withResolvers<NonNullable<T>>();
    const unsubscribe = subscribe(() => {
      try {
        const value = predicate();
        if (value) resolve(value);
      } catch (error) {
        reject(error);
      }
    });
    const late = (): void =>
      reject(new Error(`Nothing satisfied ${String(predicate)} within ${timeout} ms.`));
    const timer = setTimeout(late, timeout);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }

  return {
    emit: (change) => {
      for (const listener of listeners) listener(change);
    },
    subscribe,
    waitFor,
  };
}
