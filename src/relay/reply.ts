import { conceal } from "./conceal.ts";
import type { PlatformLimits } from "./platform.ts";
import { Posting, type PostingParts } from "./posting.ts";
import { createSplitter, type Splitter } from "./split.ts";

/**
 * A reply while it grows: one message that is edited, and further ones when it is full.
 * One call at a time, the newest text wins, and the final text always lands.
 */
export interface Reply extends AsyncDisposable {
  /** Shows this text when its turn comes, unless a newer one comes first. */
  update(text: string): void;
  /** Resolves when people see this text whole. Throws what the platform refused, or PlatformUnreachable. */
  finish(text: string): Promise<void>;
}

/** Messages that one reply may have; a longer answer comes as a file. */
const MOST_PARTS = 20;

type Action =
  | { readonly type: "settle" }
  | { readonly type: "post"; readonly text: string }
  | { readonly type: "edit"; readonly index: number; readonly text: string }
  | { readonly type: "remove" };

export async function openReply(options: PostingParts): Promise<Reply> {
  const left = new AbortController();
  const signal = AbortSignal.any([options.signal, left.signal]);
  const posting = await Posting.restore({ ...options, signal });
  return new GrowingReply({ ...options, signal }, posting, left);
}

/** States: growing → finish() → final → (all of it is shown) done. Disposing ends it in any state. */
class GrowingReply implements Reply {
  readonly #options: PostingParts;
  readonly #posting: Posting;
  readonly #left: AbortController;
  readonly #splitter: Splitter;
  /** Aborts when the text is final: whoever waits for an edit's turn waits no longer. */
  readonly #final = new AbortController();
  readonly #activity: NodeJS.Timeout;
  readonly #working: Promise<void>;
  #text = "";
  #changed = Promise.withResolvers<void>();

  constructor(options: PostingParts, posting: Posting, left: AbortController) {
    const { platform, place } = options;
    this.#options = options;
    this.#posting = posting;
    this.#left = left;
    this.#splitter = createSplitter(platform.limits.part);
    this.#activity = keepShowing(
      () => platform.showActivity(place, "is thinking…"),
      platform.limits,
    );
    this.#working = this.#work();
    // Whoever calls finish() hears of a failure; until then it waits here.
    this.#working.catch(() => {});
  }

  update(text: string): void {
    this.#text = text;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async finish(text: string): Promise<void> {
    this.#text = text;
    this.#final.abort();
    this.#changed.resolve();
    await this.#working;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { slot, platform, place } = this.#options;
    clearInterval(this.#activity);
    this.#left.abort(new Error("The reply was left."));
    await this.#working.catch(() => {});
    slot[Symbol.dispose]();
    await platform.showActivity(place, undefined);
  }

  async #work(): Promise<void> {
    const { slot, signal } = this.#options;
    for (;;) {
      const final = this.#final.signal.aborted;
      const action = this.#next();
      if (action === undefined) {
        if (final) return await this.#attachWhole();
        await unlessAborted(this.#changed.promise, signal);
      } else if (action.type === "edit" && !final) {
        await slot
          .take("edit", AbortSignal.any([signal, this.#final.signal]))
          .catch(() => signal.throwIfAborted());
        const newest = this.#next();
        if (newest !== undefined && !this.#final.signal.aborted)
          await perform(this.#posting, newest);
      } else {
        await slot.take(final ? "final" : "first", signal);
        await perform(this.#posting, action);
      }
    }
  }

  #next(): Action | undefined {
    const final = this.#final.signal.aborted;
    const whole = this.#safeText();
    const parts = this.#splitter.split(this.#options.platform.format(whole));
    const wanted = parts.length > MOST_PARTS ? shorten(parts, whole, final) : parts;
    return nextAction(this.#posting, wanted, final);
  }

  async #attachWhole(): Promise<void> {
    const whole = this.#safeText();
    const parts = this.#splitter.split(this.#options.platform.format(whole));
    if (parts.length > MOST_PARTS) await this.#posting.attach("answer.md", whole);
  }

  #safeText(): string {
    return conceal(this.#text, this.#options.secrets, this.#final.signal.aborted);
  }
}

/** While it grows, the first messages of it; in the end the first one, and a line about the file with all of it. */
function shorten(parts: readonly string[], whole: string, final: boolean): readonly string[] {
  if (!final) return parts.slice(0, MOST_PARTS);
  const characters = whole.length.toLocaleString("en");
  return [parts[0] ?? "", `*The whole answer, ${characters} characters, is in the file below.*`];
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
