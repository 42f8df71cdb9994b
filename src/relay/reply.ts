import type { PlatformLimits } from "./platform.ts";
import { Posting, type PostingParts } from "./posting.ts";
import { createSplitter } from "./split.ts";

/**
 * A reply while it grows: one message that is edited, and further ones when it is full.
 * One call at a time, the newest text wins, and the final text always lands.
 */
export interface Reply extends AsyncDisposable {
  /** Shows this text when its turn comes, unless a newer one comes first. */
  update(text: string): void;
  /** Resolves when people see this text whole. Throws what the platform refused, or PlatformUnreachable. */
  finish(text: string): Promise<void>;
  /** Milliseconds since 1970 of the first words that people saw; undefined before. */
  readonly visible: boolean;
}

type Action =
  | { readonly type: "settle" }
  | { readonly type: "post"; readonly text: string }
  | { readonly type: "edit"; readonly index: number; readonly text: string }
  | { readonly type: "remove" };

export async function openReply(options: PostingParts): Promise<Reply> {
  const { platform, place, slot } = options;
  const left = new AbortController();
  const signal = AbortSignal.any([options.signal, left.signal]);
  const posting = await Posting.restore({ ...options, signal });
  const splitter = createSplitter(platform.limits.part);
  const goal = { text: "", final: new AbortController() };
  let changed = Promise.withResolvers<void>();

  const next = (): Action | undefined =>
    nextAction(posting, splitter.split(platform.format(goal.text)), goal.final.signal.aborted);

  const work = async (): Promise<void> => {
    for (;;) {
      const final = goal.final.signal.aborted;
      const action = next();
      if (action === undefined) {
        if (final) return;
        await unlessAborted(changed.promise, signal);
      } else if (action.type === "edit" && !final) {
        // Waiting for a place in the budget ends early when the final text is there; it goes before.
        await slot
          .take("edit", AbortSignal.any([signal, goal.final.signal]))
          .catch(() => signal.throwIfAborted());
        const newest = next();
        if (newest !== undefined && !goal.final.signal.aborted) await perform(posting, newest);
      } else {
        await slot.take(final ? "final" : "first", signal);
        await perform(posting, action);
      }
    }
  };
  const working = work();
  // Whoever calls finish() hears of a failure; until then it waits here.
  working.catch(() => {});
  const activity = keepShowing(() => platform.showActivity(place, "is thinking…"), platform.limits);

  return {
    get visible() {
      return posting.posted.some((part) => part.reference !== undefined);
    },
    update(text) {
      goal.text = text;
      changed.resolve();
      changed = Promise.withResolvers();
    },
    async finish(text) {
      goal.text = text;
      goal.final.abort();
      changed.resolve();
      await working;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(activity);
      left.abort(new Error("The reply was left."));
      await working.catch(() => {});
      slot[Symbol.dispose]();
      await platform.showActivity(place, undefined);
    },
  };
}

/** What stands between what people see and the newest text, first things first. */
function nextAction(
  posting: Posting,
  wanted: readonly string[],
  final: boolean,
): Action | undefined {
  const { posted } = posting;
  if (posted.some((part) => part.reference === undefined)) return { type: "settle" };
  // After a restart people keep what they have until the new text is longer, or final.
  const restored = posted.some((part) => part.text === undefined);
  if (restored && !final && lengthOf(wanted) <= posted.reduce((sum, part) => sum + part.shown, 0))
    return undefined;
  for (const [index, text] of wanted.entries()) {
    const part = posted[index];
    if (part === undefined) return { type: "post", text };
    if (part.text !== text) return { type: "edit", index, text };
  }
  return final && posted.length > wanted.length ? { type: "remove" } : undefined;
}

async function perform(posting: Posting, action: Action): Promise<void> {
  switch (action.type) {
    case "settle":
      return posting.settle();
    case "post":
      return posting.post(action.text);
    case "edit":
      return posting.edit(action.index, action.text);
    case "remove":
      return posting.removeLast();
  }
}

function keepShowing(show: () => Promise<void>, limits: PlatformLimits): NodeJS.Timeout {
  void show();
  return setInterval(() => void show(), limits.activityLasts);
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function lengthOf(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
