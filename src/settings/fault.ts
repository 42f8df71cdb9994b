import { ConfigurationFault } from "../errors.ts";

/** Where in a file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong: one sentence with the way out. Without a place where it concerns the file as a whole. */
export interface Problem {
  readonly place?: Place;
  readonly message: string;
}

/** A settings file that cannot be used. `faults` holds `file:line:column: what is wrong; the way out`, in the file's order. */
export class SettingsFault extends ConfigurationFault {
  /** As the operator named it. */
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const sorted = problems.toSorted(
      ({ place: a }, { place: b }) =>
        (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
    );
    super(
      sorted.map(({ place, message }) =>
        place === undefined
          ? `${file}: ${message}`
          : `${file}:${place.line}:${place.column}: ${message}`,
      ),
    );
    this.file = file;
    this.problems = sorted;
  }
}
