/** People and their ids on one platform, both ways, as mentions need them. */
export interface Names {
  /** Undefined for an id that nobody has. */
  readonly nameOf: (id: string) => string | undefined;
  /** By name, without regard to case. */
  readonly idOf: (name: string) => string | undefined;
  readonly all: readonly string[];
}

/** Fenced blocks and inline code, where nobody is mentioned. */
const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]+`)/;

export function createNames(people: Iterable<readonly [id: string, name: string]>): Names {
  const byId = new Map(people);
  const byName = new Map([...byId].map(([id, name]) => [name.toLowerCase(), id]));
  return {
    nameOf: (id) => byId.get(id),
    idOf: (name) => byName.get(name.toLowerCase()),
    all: [...byId.values()],
  };
}

/** Writes every `@Name` outside code the way the platform carries mentions. */
export function writeMentions(text: string, names: Names, mention: (id: string) => string): string {
  // The longest name first, so that a longer one is not taken for the shorter one that it begins with.
  const alternatives = names.all
    .toSorted((left, right) => right.length - left.length)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}_@])@(${alternatives.join("|")})(?![\\p{L}\\p{N}_])`,
    "giu",
  );
  return text
    .split(CODE)
    .map((piece, index) =>
      index % 2 === 1
        ? piece
        : piece.replaceAll(pattern, (whole, name: string) => {
            const id = names.idOf(name);
            return id === undefined ? whole : mention(id);
          }),
    )
    .join("");
}
