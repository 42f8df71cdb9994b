import { z } from "zod";

import { adf, readAdf } from "./adf.ts";
import { need, needAddress } from "./backend.ts";
import { getJson, isMissing } from "./http.ts";
import { createService, type Refusal, type Service } from "./service.ts";
import { shorten } from "./shorten.ts";
import { COMMENTS, COMMENT_LENGTH, DESCRIPTION_LENGTH, type Ticket } from "./tickets.ts";

type Settings = Readonly<Partial<Record<string, string>>>;

const ACCESS = "JIRA_EMAIL and JIRA_API_TOKEN";
/** Where tokens with scopes are used; it has no pages for people. */
const GATEWAY = "api.atlassian.com";
const FIELDS = "summary,status,assignee,priority,updated,description";

const issue = z.object({
  key: z.string(),
  fields: z.object({
    summary: z.string(),
    status: z.object({ name: z.string() }),
    assignee: z.object({ displayName: z.string() }).nullish(),
    priority: z.object({ name: z.string() }).nullish(),
    updated: z.string().nullish(),
    description: adf.nullish(),
  }),
});
const page = z.object({
  comments: z.array(
    z.object({
      author: z.object({ displayName: z.string() }).nullish(),
      created: z.string(),
      body: adf.nullish(),
    }),
  ),
});

/** Looks a ticket up in Jira Cloud, REST API v3; a text where there is no such ticket. */
export async function findInJira(
  id: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<Ticket | string> {
  const service = openJira(settings, signal);
  const key = readKey(id, service.base);
  if (key === undefined)
    return `"${id}" is no ticket of Jira at ${service.base.host}. Tickets there have a key such as OPS-1, or a link with one.`;
  try {
    const found = await getJson(service, `rest/api/3/issue/${key}?fields=${FIELDS}`, issue);
    const latest = await getJson(
      service,
      `rest/api/3/issue/${key}/comment?orderBy=-created&maxResults=${COMMENTS}`,
      page,
    );
    return toTicket(service, found.value, latest.value);
  } catch (error) {
    // Jira does not tell a ticket that does not exist from one that the account may not see.
    if (isMissing(error))
      return `There is no ticket ${key} in Jira, or the account of JIRA_EMAIL may not see it.`;
    throw error;
  }
}

function openJira(settings: Settings, signal: AbortSignal): Service {
  const base = needAddress(settings, "JIRA_BASE_URL", "https://acme.atlassian.net");
  const login = `${need(settings, "JIRA_EMAIL")}:${need(settings, "JIRA_API_TOKEN")}`;
  return createService({
    name: "Jira",
    base,
    addressIn: "JIRA_BASE_URL",
    access: ACCESS,
    loggedIn: true,
    headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` },
    signal,
    explain,
  });
}

/** A wrong login makes the request anonymous, so a ticket is then "not found"; this header alone tells why. */
function explain({ headers }: Refusal): string | undefined {
  switch (headers.get("x-seraph-loginreason")) {
    case "AUTHENTICATED_FAILED":
      return `Jira does not accept ${ACCESS}. An admin has to check the address and make a new token at id.atlassian.com; tokens expire.`;
    case "AUTHENTICATION_DENIED":
      return "Jira asks the account of JIRA_EMAIL for a CAPTCHA, after too many wrong logins. An admin has to log in to Jira with it once, in a browser.";
    default:
      return undefined;
  }
}

/** `OPS-1`, or a link to it. A number alone would be an internal id, and another ticket than the one that people mean. */
function readKey(id: string, base: URL): string | undefined {
  const url = URL.parse(id);
  const isLink = url !== null && /^https?:$/.test(url.protocol);
  if (isLink && url.host !== base.host && base.host !== GATEWAY) return undefined;
  const place = isLink ? (url.searchParams.get("selectedIssue") ?? url.pathname) : id;
  return /(?:^|\/)([A-Z][A-Z0-9_]*-\d+)\/?$/i.exec(place)?.[1]?.toUpperCase();
}

function toTicket(
  { base }: Service,
  { key, fields }: z.output<typeof issue>,
  { comments }: z.output<typeof page>,
): Ticket {
  const description = fields.description ? readAdf(fields.description) : "";
  return {
    id: key,
    title: fields.summary,
    status: fields.status.name,
    assignee: fields.assignee?.displayName ?? null,
    priority: fields.priority?.name ?? null,
    updated: fields.updated ?? null,
    ...(base.host !== GATEWAY && { url: new URL(`/browse/${key}`, base).href }),
    ...(description !== "" && { description: shorten(description, DESCRIPTION_LENGTH) }),
    ...(comments.length > 0 && {
      comments: comments.toReversed().map(({ author, created, body }) => ({
        by: author?.displayName ?? "unknown",
        at: created,
        text: shorten(body ? readAdf(body) : "", COMMENT_LENGTH),
      })),
    }),
  };
}
