import { z } from "zod";

import { explainFailure, explainRefusal } from "./faults.ts";
import type { Refusal, Service } from "./service.ts";
import { shorten } from "./shorten.ts";

/** Bytes of one answer. */
const MOST_BYTES = 10_000_000;

/** The system said no, and meant by it what everybody means. The message is for people, the rest for the tool. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly told: string;
  readonly isPage: boolean;

  constructor(message: string, { status, told, isPage }: Refusal) {
    super(message);
    this.status = status;
    this.told = told;
    this.isPage = isPage;
  }
}

/** Whether the system said that what was asked for does not exist; a page says that the system itself is elsewhere. */
export function isMissing(error: unknown): error is Refused {
  return error instanceof Refused && error.status === 404 && !error.isPage;
}

export interface Answer<Value> {
  readonly value: Value;
  /** The pages that a Link header names, such as next and last (RFC 8288). */
  readonly links: ReadonlyMap<string, URL>;
}

/**
 * Gets and checks JSON; `path` is taken from where the service's address ends. Throws Refused when the system said no, and
 * an Error for everything else that can go wrong, both with a sentence that says what to do about it.
 */
export async function getJson<Schema extends z.ZodType>(
  service: Service,
  path: string | URL,
  schema: Schema,
): Promise<Answer<z.output<Schema>>> {
  const url = typeof path === "string" ? new URL(`${root(service)}${path}`) : path;
  const { response, text } = await request(service, url);
  const isPage = /^\s*</.test(text) || /\bhtml\b/.test(response.headers.get("content-type") ?? "");
  if (!response.ok) {
    const told = isPage ? "" : messageIn(text);
    const refusal = { status: response.status, headers: response.headers, told, isPage };
    const explained = service.explain(refusal);
    if (explained !== undefined) throw new Error(explained);
    throw new Refused(explainRefusal(service, refusal), refusal);
  }
  const where = `Check ${service.addressIn}, which leads to ${url.origin}`;
  if (isPage)
    throw new Error(
      `${service.name} answered with a web page, most likely a login page, and not with data. ${where}.`,
    );
  const value = parse(text);
  if (value === undefined) throw new Error(`${service.name} did not answer with JSON. ${where}.`);
  const checked = schema.safeParse(value);
  if (checked.success)
    return { value: checked.data, links: readLinks(url, response.headers.get("link") ?? "") };
  const [issue] = checked.error.issues;
  throw new Error(
    `${service.name} answered with something else than it was asked for (${issue?.path.join(".")}: ${issue?.message}). ${where}.`,
  );
}

function root({ base }: Service): string {
  return base.href.replace(/\/*$/, "/");
}

async function request(
  service: Service,
  url: URL,
): Promise<{ readonly response: Response; readonly text: string }> {
  try {
    const response = await fetch(url, { headers: service.headers, signal: service.signal });
    return { response, text: await readText(service, response) };
  } catch (error) {
    throw explainFailure(service, error);
  }
}

async function readText({ name }: Service, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw new Error(`${name} answered with more than ${MOST_BYTES / 1_000_000} MB.`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const said = z.object({
  // Jira
  errorMessages: z.array(z.string()).optional().catch(undefined),
  // GitHub, Argo CD and most others
  message: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
});

function messageIn(text: string): string {
  const { data } = said.safeParse(parse(text));
  const told = data?.errorMessages?.join(" ") ?? data?.message ?? data?.error;
  return shorten(told ?? (data === undefined ? text : ""), 200);
}

/** Only pages of the same system: the request to them carries its token. */
function readLinks(from: URL, header: string): ReadonlyMap<string, URL> {
  const links = new Map<string, URL>();
  for (const [, target = "", rel = ""] of header.matchAll(/<([^>]+)>\s*;\s*rel="?(\w+)"?/g)) {
    const url = URL.parse(target, from);
    if (url?.origin === from.origin) links.set(rel, url);
  }
  return links;
}
