/** The parts of a set-up, in the order in which they are told. `settings` is patchbay.yml. */
export const AREAS = [
  "configuration",
  "settings",
  "model",
  "assistants",
  "slack",
  "discord",
  "store",
  "tools",
  "http",
] as const;
export type Area = (typeof AREAS)[number];

/** One thing that doctor has seen. */
export interface Finding {
  readonly area: Area;
  /** `fault`: the bot does not start, or cannot answer. `warn`: it does, and somebody will miss something. */
  readonly state: "ok" | "warn" | "fault";
  /** One sentence for whoever runs the bot. */
  readonly message: string;
  /** The way out: which page, which button, which line for .env. With `ok`: a step that may come next. */
  readonly remedy?: string;
  /** Kebab-case; stays the same when the words change. */
  readonly code: string;
}

type Find = (code: string, message: string, remedy?: string) => Finding;

/** Makes findings of one area. */
export function findingsIn(area: Area): Readonly<Record<Finding["state"], Find>> {
  const find =
    (state: Finding["state"]): Find =>
    (code, message, remedy) => ({
      area,
      state,
      code,
      message,
      ...(remedy !== undefined && { remedy }),
    });
  return { ok: find("ok"), warn: find("warn"), fault: find("fault") };
}
