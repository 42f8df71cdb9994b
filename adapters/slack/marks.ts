/** The metadata under which a part's nonce is kept on its message, invisible to people. */
export const EVENT_TYPE = "patchbay_part";

export function markOf(nonce: string): {
  readonly event_type: string;
  readonly event_payload: { readonly nonce: string };
} {
  return { event_type: EVENT_TYPE, event_payload: { nonce } };
}

/**
 * Streams that carry no nonce yet. chat.startStream takes no metadata, so a stream is marked when it is stopped, or
 * with the first edit where Slack has ended it by itself. Until then `find` knows it by its looks alone.
 */
export interface Unmarked {
  add(channel: string, ts: string, nonce: string): void;
  nonceOf(channel: string, ts: string): string | undefined;
  remove(channel: string, ts: string): void;
}

export function createUnmarked(): Unmarked {
  const nonces = new Map<string, string>();
  return {
    add: (channel, ts, nonce) => void nonces.set(`${channel} ${ts}`, nonce),
    nonceOf: (channel, ts) => nonces.get(`${channel} ${ts}`),
    remove: (channel, ts) => void nonces.delete(`${channel} ${ts}`),
  };
}
