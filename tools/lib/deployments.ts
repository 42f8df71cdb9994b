/** What every deployment system's answers become. */
export interface Deployment {
  readonly service: string;
  readonly environment: string | null;
  readonly version: string | null;
  /** In the system's own words. */
  readonly state: string;
  readonly at: string | null;
  readonly by?: string;
  readonly url?: string;
  /** What the system says about the state. */
  readonly message?: string;
}

/** What was asked for. */
export interface Question {
  readonly service: string;
  readonly environment: string | undefined;
}

/** Environments of a service that are told, the first included. */
export const MOST_ENVIRONMENTS = 4;

/** The deployment that people most likely mean, with the other environments beside it. There is at least one. */
export function tell(deployments: readonly Deployment[]): Deployment | undefined {
  const [first, ...others] = deployments
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, MOST_ENVIRONMENTS);
  if (first === undefined || others.length === 0) return first;
  const told: Deployment & { readonly others: readonly Deployment[] } = { ...first, others };
  return told;
}

function rank({ environment }: Deployment): number {
  return isProduction(environment ?? "") ? 0 : 1;
}

export function isProduction(environment: string): boolean {
  return /\b(prod|production|live)\b/.test(plain(environment));
}

/** Whether the words of `name` are said in `text`, whatever their case and what stands between them. */
export function mentions(text: string, name: string): boolean {
  return ` ${plain(text)} `.includes(` ${plain(name)} `);
}

/** Whether people who say `asked` mean this environment: "prod" is "production", "staging" also "checkout-staging". */
export function isEnvironment(environment: string, asked: string): boolean {
  if (mentions(environment, asked)) return true;
  return isProduction(environment) && isProduction(asked);
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
