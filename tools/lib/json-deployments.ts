import { z } from "zod";

import { needAddress } from "./backend.ts";
import { isEnvironment, mentions, tell, type Deployment, type Question } from "./deployments.ts";
import { getJson, isMissing } from "./http.ts";
import { createService } from "./service.ts";
import { shorten } from "./shorten.ts";

/** Characters of an answer that is passed on as it is. */
const MOST_JSON = 4_000;

/** Names under which endpoints tell the same thing; case and `_` do not matter. */
const FIELDS = {
  service: ["service", "app", "application", "name", "project"],
  environment: ["environment", "env", "stage"],
  version: [
    "version",
    "tag",
    "imagetag",
    "release",
    "build",
    "revision",
    "commit",
    "sha",
    "gitsha",
  ],
  state: ["state", "status", "phase", "health", "result"],
  at: ["at", "deployedat", "finishedat", "updatedat", "createdat", "timestamp", "time", "date"],
  by: ["by", "deployedby", "user", "author", "actor", "creator"],
  url: ["url", "link", "htmlurl"],
  message: ["message", "description"],
} as const;

const record = z.record(z.string(), z.unknown());
/** The answer itself, or what it wraps. */
const wrapped = z.union([
  z.array(record),
  z.object({ deployments: z.array(record) }).transform((answer) => answer.deployments),
  z.object({ items: z.array(record) }).transform((answer) => answer.items),
  z.object({ data: z.array(record) }).transform((answer) => answer.data),
  z.object({ data: record }).transform((answer) => [answer.data]),
  z.object({ deployment: record }).transform((answer) => [answer.deployment]),
  record.transform((answer) => [answer]),
]);

/** Asks the endpoint in DEPLOY_STATUS_URL; a text where it knows no such service, or tells no state that is understood. */
export async function findByUrl(
  question: Question,
  settings: Readonly<Partial<Record<string, string>>>,
  signal: AbortSignal,
): Promise<Deployment | string> {
  const url = fillIn(question, settings);
  const token = settings["DEPLOY_STATUS_TOKEN"];
  const service = createService({
    name: "The deployment status endpoint",
    base: new URL(url.origin),
    addressIn: "DEPLOY_STATUS_URL",
    access: "DEPLOY_STATUS_TOKEN",
    loggedIn: token !== undefined,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal,
  });
  try {
    const { value } = await getJson(service, url, z.unknown());
    return readAnswer(question, value, settings["DEPLOY_STATUS_URL"] ?? "");
  } catch (error) {
    if (!isMissing(error)) throw error;
    return `The deployment status endpoint knows no ${describe(question)}${error.told === "" ? "" : ` (${error.told})`}.`;
  }
}

/** Placeholders stand behind the host: otherwise whoever asks could choose where the token is sent. */
function fillIn(
  { service, environment }: Question,
  settings: Readonly<Partial<Record<string, string>>>,
): URL {
  const template = settings["DEPLOY_STATUS_URL"] ?? "";
  if (/^\w+:\/\/[^/?#]*\{/.test(template))
    throw new Error(
      "DEPLOY_STATUS_URL has a placeholder in its host. An admin has to move it behind the host.",
    );
  if (environment === undefined && template.includes("{environment}"))
    throw new Error("Call the tool again with an environment: DEPLOY_STATUS_URL needs one.");
  const filled = template
    .replaceAll("{service}", () => encodeURIComponent(service))
    .replaceAll("{environment}", () => encodeURIComponent(environment ?? ""));
  return needAddress(
    { DEPLOY_STATUS_URL: filled },
    "DEPLOY_STATUS_URL",
    "https://deploys.example.com/{service}",
  );
}

function readAnswer(question: Question, value: unknown, template: string): Deployment | string {
  const found = wrapped
    .safeParse(value)
    .data?.map((one) => toDeployment(question, one))
    .filter((one) => one !== undefined);
  if (found === undefined || (found.length === 0 && !isEmpty(value)))
    return shorten(JSON.stringify(value), MOST_JSON);
  const { service, environment } = question;
  const meant = found.filter(
    (one) =>
      // An endpoint that was not told the service answers for all of them.
      (template.includes("{service}") || mentions(one.service, service)) &&
      (environment === undefined || isEnvironment(one.environment ?? "", environment)),
  );
  return tell(meant) ?? `The deployment status endpoint knows no ${describe(question)}.`;
}

function isEmpty(value: unknown): boolean {
  return wrapped.safeParse(value).data?.length === 0;
}

function toDeployment(question: Question, fields: z.output<typeof record>): Deployment | undefined {
  const known = new Map(
    Object.entries(fields).map(([name, value]) => [
      name.toLowerCase().replaceAll(/[_-]/g, ""),
      value,
    ]),
  );
  const pick = (field: keyof typeof FIELDS): string | undefined =>
    FIELDS[field].map((name) => toText(known.get(name))).find((text) => text !== undefined);
  const version = pick("version");
  const state = pick("state");
  if (version === undefined && state === undefined) return undefined;
  const [by, url, message] = [pick("by"), pick("url"), pick("message")];
  return {
    service: pick("service") ?? question.service,
    environment: pick("environment") ?? question.environment ?? null,
    version: version ?? null,
    state: state ?? "unknown",
    at: pick("at") ?? null,
    ...(by !== undefined && { by }),
    ...(url !== undefined && { url }),
    ...(message !== undefined && { message: shorten(message, 500) }),
  };
}

function toText(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function describe({ service, environment }: Question): string {
  return `${service}${environment === undefined ? "" : ` in ${environment}`}`;
}
