import { createAnsweringServer, type AnsweringServer, type Given } from "./answering-server.ts";

export const TOKEN = "eyJhbGciOiJIUzI1NiJ9.correct-horse.battery";

export const application = (name: string, namespace: string, status: object = {}) => ({
  metadata: {
    name,
    namespace: "argocd",
    uid: "4f1e",
    resourceVersion: "1041",
    generation: 12,
    creationTimestamp: "2026-01-07T10:00:00Z",
    labels: { "app.kubernetes.io/name": name },
  },
  spec: {
    project: "default",
    destination: { server: "https://kubernetes.default.svc", namespace },
    source: { repoURL: "https://github.com/acme/deploy.git", path: name, targetRevision: "HEAD" },
  },
  status: {
    resources: [{ kind: "Deployment", name, status: "Synced", health: { status: "Healthy" } }],
    sync: { status: "Synced", revision: "53e28ff20cc530b9ada2173fbbd64d48338583ba" },
    health: { status: "Healthy", lastTransitionTime: "2026-11-02T09:11:02Z" },
    history: [
      {
        id: 3,
        revision: "53e28ff",
        deployedAt: "2026-11-02T09:10:44Z",
        initiatedBy: { automated: true },
      },
    ],
    reconciledAt: "2026-11-03T08:00:00Z",
    operationState: {
      operation: { sync: { revision: "53e28ff" }, initiatedBy: { username: "ana" } },
      phase: "Succeeded",
      message: "successfully synced (all tasks run)",
      startedAt: "2026-11-02T09:10:40Z",
      finishedAt: "2026-11-02T09:10:44Z",
    },
    sourceType: "Helm",
    summary: {
      images: [
        "quay.io/sidecar/proxy:1.0",
        `ghcr.io/acme/${name.split("-")[0]}:2.14.0@sha256:0f1e`,
      ],
    },
    ...status,
  },
});
type Application = ReturnType<typeof application>;

/**
 * Argo CD as its assets/swagger.json and server/application describe it: errors are a runtimeError with gRPC's code, and a
 * name that does not exist is answered with 403, as one that may not be read is.
 */
export function createArgoCdServer(
  applications: readonly Application[] | null,
  fault?: Given | "silence",
): Promise<AnsweringServer> {
  return createAnsweringServer(({ path, query, headers }) => {
    if (fault !== undefined) return fault;
    if (headers.authorization !== `Bearer ${TOKEN}`)
      return refuse(401, 16, "invalid session: token signature is invalid");
    if (path === "/api/v1/applications") {
      const fields = query.get("fields")?.split(",") ?? [];
      const items = applications?.map((one) => (fields.length > 0 ? choose(one, fields) : one));
      return { body: { metadata: { resourceVersion: "1042" }, items: items ?? null } };
    }
    const name = decodeURIComponent(path.replace("/api/v1/applications/", ""));
    const namespace = query.get("appNamespace") ?? "argocd";
    const found = applications?.find(
      ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
    );
    return found === undefined ? refuse(403, 7, "permission denied") : { body: found };
  });
}

function refuse(status: number, code: number, message: string): Given {
  return { status, body: { error: message, code, message } };
}

/** Only what `fields` names, as pkg/apiclient/application/forwarder_overwrite.go does it. */
function choose(one: Application, fields: readonly string[]): object {
  const has = (name: string) => fields.includes(`items.${name}`);
  const { name, namespace, labels } = one.metadata;
  return {
    metadata: {
      ...(has("metadata.name") && { name }),
      ...(has("metadata.namespace") && { namespace }),
      ...(has("metadata.labels") && { labels }),
    },
    ...(has("spec.destination") && { spec: { destination: one.spec.destination } }),
  };
}
