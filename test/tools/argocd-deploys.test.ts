import { afterEach, expect, test, vi } from "vitest";

import { LOGIN_PAGE } from "./answering-server.ts";
import { application, createArgoCdServer, TOKEN } from "./argocd-server.ts";
import { bundled, holdPatience, type Ask } from "./bundled.ts";

afterEach(() => vi.restoreAllMocks());

function argo(url: string, token = TOKEN): Ask {
  return bundled("deploy_status", { ARGOCD_URL: url, ARGOCD_TOKEN: token });
}

test("an application is told with its image's tag, its health, and who synced it", async () => {
  await using server = await createArgoCdServer([application("checkout", "production")]);
  expect(JSON.parse(await argo(`${server.url}/`)({ service: "checkout" }))).toEqual({
    service: "checkout",
    environment: "production",
    version: "2.14.0 (revision 53e28ff)",
    state: "Synced, Healthy",
    at: "2026-11-02T09:10:44Z",
    by: "ana",
    url: `${server.url}/applications/argocd/checkout`,
  });
  expect(server.asked).toHaveLength(1);
});

test.each([
  [
    "a sync that runs",
    {
      operationState: { phase: "Running", startedAt: "2026-11-03T10:00:00Z" },
      sync: { status: "OutOfSync" },
      health: { status: "Progressing" },
      summary: {},
    },
    { state: "Syncing, OutOfSync, Progressing", version: null, at: "2026-11-03T10:00:00Z" },
  ],
  [
    "a sync that failed",
    {
      operationState: { phase: "Failed", message: "one or more objects failed to apply" },
      health: { status: "Degraded", message: "Deployment exceeded its progress deadline" },
    },
    {
      state: "Sync failed, Synced, Degraded",
      message: "one or more objects failed to apply Deployment exceeded its progress deadline",
      by: "Argo CD, automatically",
    },
  ],
  [
    "an application without a status",
    { sync: null, health: null, operationState: null },
    { state: "Unknown" },
  ],
])("%s is told as such", async (_name, status, told) => {
  await using server = await createArgoCdServer([application("checkout", "production", status)]);
  expect(JSON.parse(await argo(server.url)({ service: "checkout" }))).toMatchObject(told);
});

const APPLICATIONS = [
  application("billing", "billing"),
  application("checkout-production", "shop"),
  application("checkout-staging", "shop"),
  application("search", "search"),
];

test("an environment is found in the names of the applications", async () => {
  await using server = await createArgoCdServer(APPLICATIONS);
  const ask = argo(server.url);
  expect(JSON.parse(await ask({ service: "checkout", environment: "prod" }))).toMatchObject({
    service: "checkout-production",
  });
  expect(JSON.parse(await ask({ service: "checkout" }))).toMatchObject({
    service: expect.stringMatching(/^checkout-/),
    others: [{ service: expect.stringMatching(/^checkout-/) }],
  });
  const [list] = server.asked.filter(({ path }) => path === "/api/v1/applications");
  expect(list?.query.get("fields")).toContain("items.metadata.name");
});

test("an application that is unknown or hidden is answered with the nearest names", async () => {
  await using server = await createArgoCdServer(APPLICATIONS);
  expect(await argo(server.url)({ service: "serach" })).toMatch(
    /^Argo CD has no application for serach, or ARGOCD_TOKEN may not read it\. The nearest names are search, /,
  );
});

test.each([[null], [[]]])(
  "an account without any right is told which one it lacks",
  async (none) => {
    await using server = await createArgoCdServer(none);
    expect(await argo(server.url)({ service: "checkout" })).toBe(
      "Argo CD shows no applications to ARGOCD_TOKEN. An admin has to give its account the right `applications, get`.",
    );
  },
);

test("a wrong token, a login page and a fault of Argo CD are told plainly", async () => {
  await using server = await createArgoCdServer(APPLICATIONS);
  expect(await argo(server.url, "eyJ.wrong-token")({ service: "checkout" })).toBe(
    "Error: Argo CD does not accept ARGOCD_TOKEN (HTTP 401: invalid session: token signature is invalid). An admin has to check or renew it.",
  );
  await using login = await createArgoCdServer(APPLICATIONS, { body: LOGIN_PAGE });
  expect(await argo(login.url)({ service: "checkout" })).toMatch(
    /^Error: Argo CD answered with a web page, most likely a login page.*Check ARGOCD_URL/,
  );
  const fault = {
    status: 500,
    body: { error: "cache: key is missing", code: 2, message: "cache: key is missing" },
  };
  await using broken = await createArgoCdServer(APPLICATIONS, fault);
  expect(await argo(broken.url)({ service: "checkout" })).toBe(
    "Error: Argo CD has a fault of its own (HTTP 500: cache: key is missing). Try again later.",
  );
});

test("an Argo CD that does not answer is named when its time is up", async () => {
  const patience = holdPatience();
  await using server = await createArgoCdServer(APPLICATIONS, "silence");
  const answer = argo(server.url)({ service: "checkout" });
  await server.arrived;
  patience.runOut();
  expect(await answer).toBe(`Error: Argo CD (${server.url}) did not answer within 15 s.`);
  await server.left;
});
