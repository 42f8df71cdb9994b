/** Nobody is pinged, by an edit neither: without this, Discord reads the mentions of an edit again. */
export const NO_PINGS = { parse: [], replied_user: false } as const;

/**
 * What every message of a reply carries. All of them reply to the question: so they are found again long after
 * Discord forgot their nonces.
 */
export function asReply(channel: string, question: string): object {
  const reference = { message_id: question, fail_if_not_exists: false };
  return {
    ...(!beginsThread(channel, question) && { message_reference: reference }),
    allowed_mentions: NO_PINGS,
  };
}

/** In the thread that its question began, an answer can reply to nothing: the question stands outside. */
export function beginsThread(channel: string, question: string): boolean {
  return channel === question;
}
