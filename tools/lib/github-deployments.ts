import { z } from "zod";

import { need } from "./backend.ts";
import {
  isEnvironment,
  isProduction,
  mentions,
  MOST_ENVIRONMENTS,
  tell,
  type Deployment,
  type Question,
} from "./deployments.ts";
import { needRepository, openGitHub } from "./github.ts";
import { getJson, isMissing, type Answer } from "./http.ts";
import type { Service } from "./service.ts";
import { shorten } from "./shorten.ts";

/** Of 100 deployments each. */
const MOST_PAGES = 3;

const person = z.object({ login: z.string() });
const deployments = z.array(
  z.object({
    id: z.int(),
    sha: z.string(),
    ref: z.string(),
    task: z.string().nullish(),
    environment: z.string(),
    description: z.string().nullish(),
    payload: z.unknown(),
    creator: person.nullish(),
    created_at: z.string(),
  }),
);
type Found = z.output<typeof deployments>[number];
const statuses = z.array(
  z.object({
    state: z.string(),
    created_at: z.string(),
    creator: person.nullish(),
    description: z.string().nullish(),
    environment_url: z.string().nullish(),
    log_url: z.string().nullish(),
    target_url: z.string().nullish(),
  }),
);

/** Asks GitHub's deployments; a text where there is none of that service. */
export async function findGitHubDeployment(
  question: Question,
  settings: Readonly<Partial<Record<string, string>>>,
  signal: AbortSignal,
): Promise<Deployment | string> {
  const repository = readRepository(question, settings);
  const service = openGitHub(settings, signal);
  try {
    const { found, seen } = await search(service, repository, question);
    const newest = newestByEnvironment(found);
    if (newest.length === 0) return nothing(repository, question, seen);
    const told = newest.map((one) => toDeployment(service, repository, question.service, one));
    return tell(await Promise.all(told)) ?? nothing(repository, question, seen);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const why = service.loggedIn
      ? "or GITHUB_TOKEN may not read it"
      : "or it is private, and GITHUB_TOKEN is not set";
    return `There is no repository ${repository} on GitHub, ${why}.`;
  }
}

function readRepository(
  { service }: Question,
  settings: Readonly<Partial<Record<string, string>>>,
): string {
  const name = settings["DEPLOYS_REPO"] === undefined ? "GITHUB_REPO" : "DEPLOYS_REPO";
  const template = need(settings, name);
  if (template.includes("{service}") && !/^[\w.-]+$/.test(service))
    throw new Error(`"${service}" cannot be the name of a repository. Ask for it by its name.`);
  return needRepository({ [name]: template.replace("{service}", service) }, name);
}

interface Search {
  readonly found: readonly Found[];
  readonly seen: readonly Found[];
}

async function search(service: Service, repository: string, question: Question): Promise<Search> {
  const pages = (filter: string): Promise<Search> =>
    readPages(service, `repos/${repository}/deployments?${filter}per_page=100`, (one) =>
      isMeant(one, repository, question),
    );
  const { environment } = question;
  if (environment !== undefined) {
    const exact = await pages(`environment=${encodeURIComponent(environment)}&`);
    // The filter wants the whole name; people say "prod", or the environment is called "checkout-staging".
    return exact.found.length > 0 ? exact : await pages("");
  }
  const latest = await pages("");
  if (latest.seen.length < 100 || latest.found.some((one) => isProduction(one.environment)))
    return latest;
  // Where every branch is deployed somewhere, production is not among the newest.
  const production = await pages("environment=production&");
  return { found: [...production.found, ...latest.found], seen: latest.seen };
}

/** The deployments come newest first. Pages are read until one has what is looked for. */
async function readPages(
  service: Service,
  path: string,
  isWanted: (one: Found) => boolean,
): Promise<Search> {
  const seen: Found[] = [];
  let next: string | URL | undefined = path;
  for (let page = 0; page < MOST_PAGES && next !== undefined; page += 1) {
    const { value, links }: Answer<Found[]> = await getJson(service, next, deployments);
    seen.push(...value);
    const found = value.filter((one) => isWanted(one));
    if (found.length > 0) return { found, seen };
    next = links.get("next");
  }
  return { found: [], seen };
}

function isMeant(one: Found, repository: string, { service, environment }: Question): boolean {
  if (environment !== undefined && !isEnvironment(one.environment, environment)) return false;
  const name = repository.slice(repository.indexOf("/") + 1);
  if (name.toLowerCase() === service.toLowerCase()) return true;
  // In a repository of several services, a deployment tells its own in one of these places.
  const places = [one.environment, one.task, one.description, JSON.stringify(one.payload)];
  return places.some((text) => mentions(text ?? "", service));
}

function newestByEnvironment(found: readonly Found[]): readonly Found[] {
  const newest = new Map<string, Found>();
  for (const one of found) if (!newest.has(one.environment)) newest.set(one.environment, one);
  return [...newest.values()]
    .toSorted((a, b) => Number(isProduction(b.environment)) - Number(isProduction(a.environment)))
    .slice(0, MOST_ENVIRONMENTS);
}

async function toDeployment(
  service: Service,
  repository: string,
  name: string,
  one: Found,
): Promise<Deployment> {
  const path = `repos/${repository}/deployments/${one.id}/statuses?per_page=100`;
  const { value } = await getJson(service, path, statuses);
  const [status] = value.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
  const by = status?.creator?.login ?? one.creator?.login;
  const url = [status?.environment_url, status?.log_url, status?.target_url].find(Boolean);
  const commit = one.sha.slice(0, 7);
  return {
    service: name,
    environment: one.environment,
    version: one.sha.startsWith(one.ref) ? commit : `${one.ref} (${commit})`,
    // A deployment without a status has been asked for, and nobody has taken it up yet.
    state: status?.state.replaceAll("_", " ") ?? "pending",
    at: status?.created_at ?? one.created_at,
    ...(by !== undefined && { by }),
    ...(typeof url === "string" && { url }),
    ...(status?.description && { message: shorten(status.description, 300) }),
  };
}

function nothing(
  repository: string,
  { service, environment }: Question,
  seen: readonly Found[],
): string {
  if (seen.length === 0) return `${repository} has no deployments on GitHub.`;
  const where = environment === undefined ? "" : ` to ${environment}`;
  const known = [...new Set(seen.map((one) => one.environment))].slice(0, 10).join(", ");
  return `None of the ${seen.length} newest deployments of ${repository} is one of ${service}${where}. They went to these environments: ${known}.`;
}
