/** The three names that a misspelt one most likely meant. */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const word = wanted.toUpperCase();
  return [...new Set(names)]
    .map((name) => ({ name, steps: distance(word, name.toUpperCase()) }))
    .toSorted((a, b) => a.steps - b.steps)
    .slice(0, 3)
    .map((one) => one.name);
}

/** How many letters have to be changed, added or taken away to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
