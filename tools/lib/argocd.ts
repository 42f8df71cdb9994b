import { z } from "zod";

import { need, needAddress } from "./backend.ts";
import {
  isEnvironment,
  mentions,
  MOST_ENVIRONMENTS,
  tell,
  type Deployment,
  type Question,
} from "./deployments.ts";
import { getJson, isMissing, Refused } from "./http.ts";
import { nearest } from "./nearest.ts";
import { createService, type Service } from "./service.ts";
import { shorten } from "./shorten.ts";

// The formats are those of assets/swagger.json in Argo CD's repository; Go leaves out what is empty or writes null.
const metadata = z.object({
  name: z.string(),
  namespace: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
});
const destination = z.object({ namespace: z.string().nullish(), name: z.string().nullish() });
const listed = z.object({
  metadata,
  spec: z.object({ destination: destination.nullish() }).nullish(),
});
type Listed = z.output<typeof listed>;
const list = z.object({ items: z.array(listed).nullish() });

const initiator = z.object({ username: z.string().nullish(), automated: z.boolean().nullish() });
const application = listed.extend({
  status: z
    .object({
      sync: z
        .object({
          status: z.string().nullish(),
          revision: z.string().nullish(),
          revisions: z.array(z.string()).nullish(),
        })
        .nullish(),
      health: z.object({ status: z.string().nullish(), message: z.string().nullish() }).nullish(),
      summary: z.object({ images: z.array(z.string()).nullish() }).nullish(),
      reconciledAt: z.string().nullish(),
      history: z
        .array(z.object({ deployedAt: z.string().nullish(), initiatedBy: initiator.nullish() }))
        .nullish(),
      operationState: z
        .object({
          phase: z.string().nullish(),
          message: z.string().nullish(),
          startedAt: z.string().nullish(),
          finishedAt: z.string().nullish(),
          operation: z.object({ initiatedBy: initiator.nullish() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
type Application = z.output<typeof application>;
type Status = NonNullable<Application["status"]>;

/** Asks Argo CD for an application; a text with the nearest names where there is none. */
export async function findInArgoCd(
  question: Question,
  settings: Readonly<Partial<Record<string, string>>>,
  signal: AbortSignal,
): Promise<Deployment | string> {
  const service = openArgoCd(settings, signal);
  if (question.environment === undefined) {
    const exact = await getByName(service, question.service);
    if (exact !== undefined) return toDeployment(service, question, exact);
  }
  const items = await getNames(service);
  if (items.length === 0)
    return "Argo CD shows no applications to ARGOCD_TOKEN. An admin has to give its account the right `applications, get`.";
  const meant = items.filter((item) => isMeant(item, question)).slice(0, MOST_ENVIRONMENTS);
  const found = await Promise.all(
    meant.map(({ metadata: { name, namespace } }) => getByName(service, name, namespace)),
  );
  const told = found
    .filter((one) => one !== undefined)
    .map((one) => toDeployment(service, question, one));
  return tell(told) ?? nothing(question, items);
}

function openArgoCd(
  settings: Readonly<Partial<Record<string, string>>>,
  signal: AbortSignal,
): Service {
  return createService({
    name: "Argo CD",
    base: needAddress(settings, "ARGOCD_URL", "https://argocd.example.com"),
    addressIn: "ARGOCD_URL",
    access: "ARGOCD_TOKEN",
    loggedIn: true,
    headers: { authorization: `Bearer ${need(settings, "ARGOCD_TOKEN")}` },
    signal,
  });
}

/** Argo CD answers a name that does not exist with 403 as well, so that nobody can find names out by guessing. */
async function getByName(
  service: Service,
  name: string,
  namespace?: string | null,
): Promise<Application | undefined> {
  const where = namespace ? `?appNamespace=${encodeURIComponent(namespace)}` : "";
  const path = `api/v1/applications/${encodeURIComponent(name)}${where}`;
  try {
    return (await getJson(service, path, application)).value;
  } catch (error) {
    const hidden = error instanceof Refused && error.status === 403 && !error.isPage;
    if (hidden || isMissing(error)) return undefined;
    throw error;
  }
}

/** Whole applications are large, and there may be thousands. */
async function getNames(service: Service): Promise<readonly Listed[]> {
  const fields = ["name", "namespace", "labels"].map((name) => `items.metadata.${name}`);
  const path = `api/v1/applications?fields=${[...fields, "items.spec.destination"].join(",")}`;
  return (await getJson(service, path, list)).value.items ?? [];
}

function isMeant(item: Listed, { service, environment }: Question): boolean {
  const { name, labels } = item.metadata;
  const isService =
    mentions(name, service) ||
    labels?.["app.kubernetes.io/name"]?.toLowerCase() === service.toLowerCase();
  if (!isService || environment === undefined) return isService;
  return [name, readEnvironment(item) ?? ""].some((text) => isEnvironment(text, environment));
}

function readEnvironment({ metadata: { labels }, spec }: Listed): string | null {
  return (
    labels?.["environment"] ??
    labels?.["env"] ??
    spec?.destination?.namespace ??
    spec?.destination?.name ??
    null
  );
}

function toDeployment({ base }: Service, { service }: Question, app: Application): Deployment {
  const { name, namespace } = app.metadata;
  const status = app.status ?? {};
  const operation = status.operationState;
  const last = status.history?.at(-1);
  const by = operation?.operation?.initiatedBy ?? last?.initiatedBy;
  const who = by?.username || (by?.automated === true ? "Argo CD, automatically" : undefined);
  const message = [hasFailed(status) ? operation?.message : undefined, status.health?.message];
  const said = message.filter(Boolean).join(" ");
  return {
    service: name,
    environment: readEnvironment(app),
    version: readVersion(status, service),
    state: readState(status),
    at:
      operation?.finishedAt ??
      operation?.startedAt ??
      last?.deployedAt ??
      status.reconciledAt ??
      null,
    ...(who !== undefined && { by: who }),
    url: new URL(
      `applications/${namespace ? `${namespace}/` : ""}${name}`,
      base.href.replace(/\/*$/, "/"),
    ).href,
    ...(said !== "" && { message: shorten(said, 500) }),
  };
}

/** The image's tag is what people call the version; the revision is the state of the manifests. */
function readVersion({ summary, sync }: Status, service: string): string | null {
  const images = summary?.images ?? [];
  const image = images.find((one) => mentions(one, service)) ?? images[0];
  const tag = /:([\w.-]+)(?:@.+)?$/.exec(image ?? "")?.[1];
  const revision = sync?.revision || sync?.revisions?.[0];
  const short = revision?.replace(/^([0-9a-f]{7})[0-9a-f]{33}$/, "$1");
  if (tag === undefined) return short ?? null;
  return short === undefined ? tag : `${tag} (revision ${short})`;
}

function readState(status: Status): string {
  const operation = status.operationState?.phase === "Running" ? "Syncing" : undefined;
  const failed = hasFailed(status) ? "Sync failed" : undefined;
  const words = [operation, failed, status.sync?.status, status.health?.status].filter(Boolean);
  return words.length === 0 ? "Unknown" : words.join(", ");
}

function hasFailed({ operationState }: Status): boolean {
  return operationState?.phase === "Failed" || operationState?.phase === "Error";
}

function nothing({ service, environment }: Question, items: readonly Listed[]): string {
  const where = environment === undefined ? "" : ` in ${environment}`;
  const names = nearest(
    service,
    items.map((item) => item.metadata.name),
  );
  return `Argo CD has no application for ${service}${where}, or ARGOCD_TOKEN may not read it. The nearest names are ${names.join(", ")}.`;
}
