import { expect, test } from "vitest";

import { bundled, type Ask } from "./bundled.ts";
import {
  createGitHubServer,
  deployment,
  refuse,
  TOKEN,
  type GitHubContent,
} from "./github-server.ts";

function deploys(url: string, env: Readonly<Record<string, string>> = {}): Ask {
  const own = { GITHUB_API_URL: url, GITHUB_REPO: "acme/shop", GITHUB_TOKEN: TOKEN };
  return bundled("deploy_status", { ...own, ...env });
}

const CONTENT: GitHubContent = {
  deployments: {
    "acme/shop": [
      deployment({
        id: 9,
        environment: "staging",
        ref: "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d",
      }),
      deployment({ id: 8, environment: "production" }),
      deployment({ id: 7, environment: "staging" }),
      deployment({ id: 6, environment: "production", ref: "v1.4.1" }),
    ],
    "acme/platform": [
      deployment({ id: 5, environment: "billing-production" }),
      deployment({ id: 4, environment: "production", payload: { service: "search" } }),
      deployment({ id: 3, environment: "staging", task: "deploy:checkout" }),
    ],
  },
  states: { 8: ["success", "in_progress", "queued"], 9: ["in_progress"], 6: ["inactive"] },
};

test("the newest deployment to production is told, with that to other environments beside it", async () => {
  await using server = await createGitHubServer(CONTENT);
  expect(JSON.parse(await deploys(server.url)({ service: "shop" }))).toEqual({
    service: "shop",
    environment: "production",
    version: "v1.4.2 (a84d88e)",
    state: "success",
    at: "2026-11-02T01:20:03Z",
    by: "deploy-bot",
    url: "https://shop.example.com",
    message: "Deployment finished successfully.",
    others: [
      {
        service: "shop",
        environment: "staging",
        version: "a84d88e",
        state: "in progress",
        at: "2026-11-02T01:20:01Z",
        by: "deploy-bot",
        url: "https://github.com/acme/shop/actions/runs/7",
      },
    ],
  });
});

test.each(["production", "Prod"])(
  "asked for %s, only that environment is told",
  async (environment) => {
    await using server = await createGitHubServer(CONTENT);
    const told: unknown = JSON.parse(await deploys(server.url)({ service: "Shop", environment }));
    expect(told).toMatchObject({ environment: "production", state: "success" });
    expect(told).not.toHaveProperty("others");
  },
);

test("a deployment that nobody has taken up yet is pending", async () => {
  await using server = await createGitHubServer({ ...CONTENT, states: {} });
  const ask = deploys(server.url);
  expect(JSON.parse(await ask({ service: "shop", environment: "staging" }))).toMatchObject({
    state: "pending",
    at: "2026-11-02T01:19:13Z",
    by: "ana",
  });
});

test.each([
  ["billing", { environment: "billing-production" }],
  ["search", { environment: "production" }],
  ["checkout", { environment: "staging" }],
])(
  "in a repository of several services, %s is found by what its deployments say",
  async (service, told) => {
    await using server = await createGitHubServer(CONTENT);
    const ask = deploys(server.url, { DEPLOYS_REPO: "acme/platform" });
    expect(JSON.parse(await ask({ service }))).toMatchObject({ service, ...told });
  },
);

test("DEPLOYS_REPO may name one repository for each service", async () => {
  await using server = await createGitHubServer(CONTENT);
  const ask = deploys(server.url, { DEPLOYS_REPO: "acme/{service}" });
  expect(JSON.parse(await ask({ service: "shop" }))).toMatchObject({ environment: "production" });
  expect(await ask({ service: "unknown" })).toBe(
    "There is no repository acme/unknown on GitHub, or GITHUB_TOKEN may not read it.",
  );
  expect(await ask({ service: "../acme/secrets" })).toBe(
    'Error: "../acme/secrets" cannot be the name of a repository. Ask for it by its name.',
  );
});

test("production is found behind a hundred previews, and a rare service some pages on", async () => {
  const previews = Array.from({ length: 240 }, (_, index) =>
    deployment({ id: 1_000 - index, environment: `preview-${index}` }),
  );
  const last = [
    deployment({ id: 2, environment: "production" }),
    deployment({ id: 1, environment: "docs" }),
  ];
  const content = {
    deployments: { "acme/shop": [...previews, ...last] },
    states: { 2: ["success"] },
  };
  await using server = await createGitHubServer(content);
  expect(JSON.parse(await deploys(server.url)({ service: "shop" }))).toMatchObject({
    environment: "production",
    others: [{}, {}, {}],
  });
  const before = server.asked.length;
  expect(JSON.parse(await deploys(server.url)({ service: "docs" }))).toMatchObject({
    environment: "docs",
  });
  const pages = server.asked.slice(before).filter(({ path }) => path.endsWith("/deployments"));
  expect(pages.map(({ query }) => query.get("page"))).toEqual([null, "2", "3", null]);
});

test("a service that was never deployed is answered with where deployments went", async () => {
  await using server = await createGitHubServer(CONTENT);
  expect(await deploys(server.url)({ service: "billing", environment: "qa" })).toBe(
    "None of the 4 newest deployments of acme/shop is one of billing to qa. They went to these environments: staging, production.",
  );
});

test("a wrong token and a used-up limit are told as for tickets", async () => {
  await using server = await createGitHubServer(CONTENT);
  const wrong = deploys(server.url, { GITHUB_TOKEN: "ghp_wrongHorse" });
  expect(await wrong({ service: "shop" })).toMatch(/^Error: GitHub does not accept GITHUB_TOKEN/);
  const fault = refuse(403, "API rate limit exceeded", { "x-ratelimit-remaining": "0" });
  await using limited = await createGitHubServer({ fault });
  expect(await deploys(limited.url)({ service: "shop" })).toBe(
    "Error: GitHub's rate limit is used up. Try again later.",
  );
});
