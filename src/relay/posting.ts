import { setTimeout as sleep } from "node:timers/promises";

import { PlatformRefused, PlatformUnreachable, RateLimited } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Parts, PostedPart } from "../store/parts.ts";
import type { Claim } from "../store/queue.ts";
import type { Slot } from "./budget.ts";
import type { Observe } from "./events.ts";
import type { Place } from "./message.ts";
import type { Platform } from "./platform.ts";

/** A part that was posted, or may have been. */
export interface PostedState {
  readonly nonce: string;
  /** Undefined while nobody knows whether the post was carried out. */
  reference: string | undefined;
  /** What people see; undefined after a restart, when only its length is known. */
  text: string | undefined;
  shown: number;
}

export interface PostingParts {
  readonly platform: Platform;
  readonly place: Place;
  readonly parts: Parts;
  readonly claim: Claim;
  readonly slot: Slot;
  /** Never shown. */
  readonly secrets: readonly string[];
  readonly observe: Observe;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The ledger's index of the file that holds an answer too long for messages; parts count from 0. */
const FILE_INDEX = 1_000;

/** Milliseconds for which a platform that cannot be reached is tried again, before the turn is given back. */
const PATIENCE = 120_000;

/**
 * The posted parts of one reply, each call carried out exactly once as people see it: an intent is written
 * before a post, and a post whose outcome is unknown is looked up before it is repeated.
 * What may pass is tried again for `PATIENCE`; what the platform refuses is thrown at once.
 */
export class Posting {
  /** In order; only the last one can lack its reference. */
  readonly posted: PostedState[];
  readonly #options: PostingParts;
  /** When the last part was intended, on this process's clock. */
  #intendedAt: number;
  #attached: boolean;

  private constructor(options: PostingParts, recorded: readonly PostedPart[]) {
    this.#options = options;
    const parts = recorded.filter((part) => part.index < FILE_INDEX);
    this.posted = parts.map((part) => ({ ...part, text: undefined }));
    this.#intendedAt = Date.now() - (parts.at(-1)?.age ?? 0);
    this.#attached = recorded.some(
      (part) => part.index === FILE_INDEX && part.reference !== undefined,
    );
  }

  /** As an earlier attempt left it, if there was one. */
  static async restore(options: PostingParts): Promise<Posting> {
    return new Posting(options, await options.parts.list(options.claim));
  }

  /** Puts one more part below the others. */
  async post(text: string): Promise<void> {
    const { platform, place, parts, claim, log } = this.#options;
    const index = this.posted.length;
    const nonce = nonceOf(claim, index);
    await parts.intend(claim, index, nonce);
    this.#intendedAt = Date.now();
    const state: PostedState = { nonce, reference: undefined, text: undefined, shown: 0 };
    this.posted.push(state);
    try {
      state.reference = await unlessLimited(this.#options, () =>
        platform.post(place, { text, nonce }),
      );
    } catch (error) {
      if (!(error instanceof PlatformUnreachable)) throw error;
      log.warn({ error: error.message }, "nobody knows whether a part was posted; it is looked up");
      // Where the platform has answered, nothing is under way that could still appear.
      if (error.answered) this.#intendedAt = -Infinity;
      return;
    }
    Object.assign(state, { text, shown: text.length });
    await parts.posted(claim, index, state.reference, text.length);
    this.#tell(index, "post");
  }

  /** Finds out what became of the last part; it is forgotten if it never came about. */
  async settle(): Promise<void> {
    const { platform, place, parts, claim, log, signal } = this.#options;
    const index = this.posted.length - 1;
    const state = this.posted[index];
    if (state === undefined || state.reference !== undefined) return;
    const known = await parts.references(claim);
    const find = (): Promise<string | undefined> =>
      persist(this.#options, () => platform.find(place, { nonce: state.nonce, known })).catch(
        (error: unknown) => {
          // Where the app may not look, a part that shows twice is better than an answer that ends in its first words.
          if (!(error instanceof PlatformRefused)) throw error;
          log.warn({ error: error.message }, "a part cannot be looked up; it is posted again");
          return undefined;
        },
      );
    let reference = await find();
    if (reference === undefined) {
      // A request that is still under way is not found yet, and would appear a moment later: only after the
      // request's own timeout does "not found" mean "never posted".
      const wait = Math.max(0, this.#intendedAt + platform.limits.requestTimeout - Date.now());
      await sleep(wait, undefined, { signal });
      reference = await find();
    }
    if (reference === undefined) {
      this.posted.pop();
      return;
    }
    state.reference = reference;
    await parts.posted(claim, index, reference, state.shown);
  }

  async edit(index: number, text: string): Promise<void> {
    const { platform, place, parts, claim } = this.#options;
    const state = this.posted[index];
    const reference = state?.reference;
    if (state === undefined || reference === undefined)
      throw new RangeError(`There is no posted part ${index}.`);
    await persist(this.#options, () => platform.edit(place, reference, text));
    Object.assign(state, { text, shown: text.length });
    await parts.edited(claim, index, text.length);
    this.#tell(index, "edit");
  }

  async removeLast(): Promise<void> {
    const { platform, place, parts, claim } = this.#options;
    const reference = this.posted.at(-1)?.reference;
    if (reference !== undefined)
      await persist(this.#options, () => platform.remove(place, reference));
    this.posted.pop();
    await parts.removed(claim, this.posted.length);
    this.#tell(this.posted.length, "remove");
  }

  /**
   * Puts a file below the reply, once. Platforms know no nonce for files: a process that dies between the upload and
   * the note of it uploads again.
   */
  async attach(name: string, text: string): Promise<void> {
    if (this.#attached) return;
    const { platform, place, parts, claim } = this.#options;
    await parts.intend(claim, FILE_INDEX, "file");
    const file = { name, bytes: new TextEncoder().encode(text) };
    await persist(this.#options, () => platform.upload(place, file));
    await parts.posted(claim, FILE_INDEX, "file", 0);
    this.#attached = true;
  }

  #tell(part: number, how: "post" | "edit" | "remove"): void {
    this.#options.observe({ type: "shown", turn: this.#options.claim.id, part, how });
  }
}

/** The platform said that it did not act, so the same call is made again when it allows. */
async function unlessLimited<T>(
  { slot, signal }: PostingParts,
  call: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error;
      slot.limited(error.retryAfter);
      await slot.take("first", signal);
    }
  }
}

/** For calls that may be repeated without harm. */
async function persist<T>(options: PostingParts, call: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE;
  for (let pause = 250; ; pause = Math.min(pause * 2, 8_000)) {
    try {
      return await unlessLimited(options, call);
    } catch (error) {
      if (!(error instanceof PlatformUnreachable) || Date.now() > until) throw error;
      options.log.warn({ error: error.message }, "the platform did not answer; trying again");
      await sleep(pause, undefined, { signal: options.signal });
    }
  }
}

/** Stable for this part of this reply, within Discord's 25 characters: 22 for the turn, the rest for the index. */
function nonceOf(claim: Claim, index: number): string {
  const turn = Buffer.from(claim.id.replaceAll("-", ""), "hex").toString("base64url");
  return `${turn}.${index.toString(36)}`;
}
