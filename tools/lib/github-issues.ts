import { z } from "zod";

import { needRepository, openGitHub } from "./github.ts";
import { getJson, isMissing, Refused } from "./http.ts";
import type { Service } from "./service.ts";
import { shorten } from "./shorten.ts";
import { COMMENTS, COMMENT_LENGTH, DESCRIPTION_LENGTH, type Ticket } from "./tickets.ts";

const person = z.object({ login: z.string() });
const issue = z.object({
  number: z.int(),
  title: z.string(),
  state: z.string(),
  state_reason: z.string().nullish(),
  html_url: z.string(),
  updated_at: z.string(),
  body: z.string().nullish(),
  comments: z.int().default(0),
  assignees: z.array(person).nullish(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])).default([]),
  draft: z.boolean().optional(),
  pull_request: z.object({ merged_at: z.string().nullish() }).nullish(),
});
type Issue = z.output<typeof issue>;
const comments = z.array(
  z.object({ user: person.nullish(), created_at: z.string(), body: z.string().nullish() }),
);
type Comments = z.output<typeof comments>;

/** Looks an issue or a pull request up on GitHub; a text where there is none. */
export async function findOnGitHub(
  id: string,
  settings: Readonly<Partial<Record<string, string>>>,
  signal: AbortSignal,
): Promise<Ticket | string> {
  const repository = needRepository(settings, "GITHUB_REPO");
  const number = readNumber(id, repository);
  if (number === undefined)
    return `"${id}" is no issue of ${repository}. Issues there have a number such as #12, or a link with one.`;
  const service = openGitHub(settings, signal);
  const path = `repos/${repository}/issues/${number}`;
  try {
    const { value } = await getJson(service, path, issue);
    const latest = value.comments > 0 ? await getLatest(service, `${path}/comments`) : [];
    return toTicket(repository, value, latest);
  } catch (error) {
    if (error instanceof Refused && error.status === 410)
      return `Issue #${number} of ${repository} is gone: ${error.told}.`;
    if (!isMissing(error)) throw error;
    const why = service.loggedIn
      ? "or GITHUB_TOKEN may not read it"
      : "or it is private, and GITHUB_TOKEN is not set";
    return `There is no issue #${number} in ${repository}, ${why}.`;
  }
}

/** `12`, `#12`, `GH-12`, `acme/shop#12` or a link; undefined for what is no number of this repository. */
function readNumber(id: string, repository: string): string | undefined {
  const alone = /^(?:#|GH-)?(\d+)$/i.exec(id)?.[1];
  if (alone !== undefined) return alone;
  const path = URL.parse(id)?.pathname ?? id;
  const [, owned, number] = /^\/?([\w-]+\/[\w.-]+)(?:#|\/issues\/|\/pull\/)(\d+)/.exec(path) ?? [];
  return owned?.toLowerCase() === repository.toLowerCase() ? number : undefined;
}

/** Comments come oldest first, so the newest are on the last page and, where that is short, on the one before. */
async function getLatest(service: Service, path: string): Promise<Comments> {
  let page = await getJson(service, path, comments);
  const last = page.links.get("last");
  if (last !== undefined) page = await getJson(service, last, comments);
  const before = page.value.length < COMMENTS ? page.links.get("prev") : undefined;
  const earlier = before === undefined ? [] : (await getJson(service, before, comments)).value;
  return [...earlier, ...page.value].slice(-COMMENTS);
}

function toTicket(repository: string, found: Issue, latest: Comments): Ticket {
  // An issue that was transferred is answered from its new repository.
  const home = /^\/([^/]+\/[^/]+)\//.exec(URL.parse(found.html_url)?.pathname ?? "")?.[1];
  const moved = home !== undefined && home.toLowerCase() !== repository.toLowerCase();
  const description = found.body?.trim() ?? "";
  return {
    id: `${moved ? home : ""}#${found.number}`,
    title: found.title,
    status: readStatus(found),
    assignee: found.assignees?.map(({ login }) => login).join(", ") || null,
    priority: readPriority(found),
    updated: found.updated_at,
    url: found.html_url,
    ...(description !== "" && { description: shorten(description, DESCRIPTION_LENGTH) }),
    ...(latest.length > 0 && {
      comments: latest.map(({ user, created_at: at, body }) => ({
        by: user?.login ?? "ghost",
        at,
        text: shorten(body ?? "", COMMENT_LENGTH),
      })),
    }),
  };
}

function readStatus({ state, state_reason: reason, pull_request: pull, draft }: Issue): string {
  if (pull === undefined || pull === null)
    return state === "closed" && reason ? `closed as ${reason.replaceAll("_", " ")}` : state;
  if (typeof pull.merged_at === "string") return "merged pull request";
  return `${draft === true && state === "open" ? "draft" : state} pull request`;
}

/** GitHub has no priorities; teams use labels such as `priority: high`, `prio/1` and `P1`. */
function readPriority({ labels }: Issue): string | null {
  for (const label of labels) {
    const name = (typeof label === "string" ? label : label.name) ?? "";
    const match = /^(?:priority|prio)[\s:/_-]+(.+)$|^(p\d)$/i.exec(name.trim());
    if (match !== null) return (match[1] ?? match[2] ?? "").trim();
  }
  return null;
}
