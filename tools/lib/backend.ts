type Settings = Readonly<Partial<Record<string, string>>>;

/** A system that a tool can get its answers from. */
interface Backend<Name extends string> {
  /** What an admin writes to choose it. */
  readonly name: Name;
  readonly title: string;
  /** It cannot be asked without these variables, and setting one of them means that it is wanted. */
  readonly needs: readonly string[];
}

/**
 * The backend that `variable` names; without it, the one whose variables are set; undefined when none of them is.
 * Throws an Error that names the variable at fault: one of several is missing, or two backends are set up at once.
 */
export function chooseBackend<Name extends string>(
  variable: string,
  backends: readonly Backend<Name>[],
  settings: Settings,
): Name | undefined {
  const wanted = settings[variable]?.toLowerCase();
  const named = backends.filter(({ name }) => name === wanted);
  if (wanted !== undefined && named.length === 0)
    throw new Error(
      `${variable} is "${wanted}"; an admin has to set it to ${either(backends.map(({ name }) => name))}.`,
    );
  const begun = backends.filter(({ needs }) => needs.some((name) => settings[name] !== undefined));
  const [chosen, another] = wanted === undefined ? begun : named;
  if (chosen === undefined) return undefined;
  if (another !== undefined)
    throw new Error(
      `Variables of ${both(begun.map(({ title }) => title))} are set. An admin has to set ${variable} to ${either(begun.map(({ name }) => name))}.`,
    );
  const missing = chosen.needs.filter((name) => settings[name] === undefined);
  if (missing.length > 0)
    throw new Error(
      `${chosen.title} is not completely set up: ${both(missing)} ${missing.length === 1 ? "is" : "are"} missing. An admin has to set ${missing.length === 1 ? "it" : "them"}; tools/README.md tells where to get ${missing.length === 1 ? "it" : "them"}.`,
    );
  return chosen.name;
}

/** A variable that the chosen backend needs, and therefore has. */
export function need(settings: Settings, name: string): string {
  const value = settings[name];
  if (value === undefined) throw new Error(`${name} is missing. An admin has to set it.`);
  return value;
}

/** An http or https address. Throws an Error that names the variable, but not its value, which may hold a password. */
export function needAddress(settings: Settings, name: string, example: string): URL {
  const url = URL.parse(need(settings, name));
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error(`${name} is no address; an admin has to set it to one like ${example}.`);
  if (url.username !== "" || url.password !== "")
    throw new Error(`${name} has a name or password in it, which belong into their own variables.`);
  return url;
}

function both(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(words);
}

function either(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(words);
}
