import { afterEach, expect, test, vi } from "vitest";

import { createAnsweringServer, LOGIN_PAGE, type Given } from "./answering-server.ts";
import { bundled, holdPatience, type Ask } from "./bundled.ts";
import { createGitHubServer, issue, refuse, TOKEN, type GitHubContent } from "./github-server.ts";

afterEach(() => vi.restoreAllMocks());

function github(url: string, env: Readonly<Record<string, string>> = { GITHUB_TOKEN: TOKEN }): Ask {
  return bundled("ticket_lookup", { GITHUB_API_URL: url, GITHUB_REPO: "acme/shop", ...env });
}

const CONTENT: GitHubContent = {
  issues: {
    1: issue(1, {
      state: "closed",
      state_reason: "not_planned",
      assignees: [{ login: "lee" }, { login: "ana" }],
      labels: [{ name: "bug" }, { name: "priority: high" }],
      comments: 61,
    }),
    2: issue(2, { body: null, comments: 2, labels: ["P1"] }),
    3: issue(3, { html_url: "https://github.com/acme/shop/pull/3", draft: true, pull_request: {} }),
    4: issue(4, {
      state: "closed",
      pull_request: { merged_at: "2026-11-01T13:33:48Z", url: "https://api.github.com/…" },
    }),
  },
  comments: 61,
};

test("a GitHub issue is told with its newest comments, which are on the last pages", async () => {
  await using server = await createGitHubServer(CONTENT);
  expect(JSON.parse(await github(server.url)({ id: "#1" }))).toEqual({
    id: "#1",
    title: "Found a bug",
    status: "closed as not planned",
    assignee: "lee, ana",
    priority: "high",
    updated: "2026-11-01T13:33:48Z",
    url: "https://github.com/acme/shop/issues/1",
    description: "I'm having a problem with this.",
    comments: [59, 60, 61].map((number) => ({
      by: "lee",
      at: new Date(Date.UTC(2026, 0, number)).toISOString(),
      text: `comment ${number}`,
    })),
  });
  expect(server.asked.map(({ query }) => query.get("page"))).toEqual([null, null, "3", "2"]);
});

test("a page of comments elsewhere is not asked for: the token would go there", async () => {
  await using elsewhere = await createGitHubServer(CONTENT);
  const link = `<${elsewhere.url}/repos/acme/shop/issues/1/comments?page=3>; rel="last"`;
  await using server = await createAnsweringServer(({ path }) =>
    path.endsWith("/comments")
      ? { body: [{ created_at: "2026-11-01T00:00:00Z", body: "here" }], headers: { link } }
      : { body: issue(1, { comments: 61 }) },
  );
  const told: unknown = JSON.parse(await github(server.url)({ id: "1" }));
  expect(told).toMatchObject({ comments: [{ by: "ghost", text: "here" }] });
  expect(elsewhere.asked).toEqual([]);
});

test.each([
  ["2", { id: "#2", status: "open", priority: "P1", assignee: null }],
  ["acme/shop#2", { id: "#2" }],
  ["https://github.com/acme/shop/issues/2#issuecomment-1", { id: "#2" }],
  ["3", { status: "draft pull request", url: "https://github.com/acme/shop/pull/3" }],
  ["https://github.com/Acme/Shop/pull/4", { id: "#4", status: "merged pull request" }],
  ["5", { id: "acme/checkout#7", url: "https://github.com/acme/checkout/issues/7" }],
])("%s leads to its GitHub issue or pull request, also where it was moved", async (id, told) => {
  await using server = await createGitHubServer({ ...CONTENT, comments: 2 });
  expect(JSON.parse(await github(server.url)({ id }))).toMatchObject(told);
});

test("a public repository is asked without a token", async () => {
  await using server = await createGitHubServer(CONTENT);
  expect(JSON.parse(await github(server.url, {})({ id: "3" }))).toMatchObject({ id: "#3" });
  expect(server.asked[0]?.headers).not.toHaveProperty("authorization");
});

test("an issue that is unknown, deleted or of another repository is told as such", async () => {
  await using server = await createGitHubServer(CONTENT);
  expect(await github(server.url)({ id: "99" })).toBe(
    "There is no issue #99 in acme/shop, or GITHUB_TOKEN may not read it.",
  );
  expect(await github(server.url, {})({ id: "99" })).toBe(
    "There is no issue #99 in acme/shop, or it is private, and GITHUB_TOKEN is not set.",
  );
  expect(await github(server.url)({ id: "6" })).toBe(
    "Issue #6 of acme/shop is gone: This issue was deleted.",
  );
  const asked = server.asked.length;
  for (const id of ["acme/secrets#1", "https://github.com/acme/secrets/issues/1", "OPS-1"])
    expect(await github(server.url)({ id })).toBe(
      `"${id}" is no issue of acme/shop. Issues there have a number such as #12, or a link with one.`,
    );
  expect(server.asked).toHaveLength(asked);
});

const soon = { "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 700) };
test.each<[string, Given, RegExp]>([
  [
    "a limit that is used up",
    refuse(403, "API rate limit exceeded for user ID 1.", {
      ...soon,
      "x-ratelimit-remaining": "0",
    }),
    /^Error: GitHub's rate limit is used up\. Try again in 12 minutes\.$/,
  ],
  [
    "a secondary limit",
    refuse(429, "You have exceeded a secondary rate limit.", { "retry-after": "60", ...soon }),
    /^Error: GitHub got too many requests at once \(its secondary rate limit\)\. Try again in 60 s\.$/,
  ],
  [
    "a secondary limit without a time",
    refuse(403, "You have exceeded a secondary rate limit.", {
      "x-ratelimit-remaining": "9",
      ...soon,
    }),
    /secondary rate limit\)\. Try again in a minute or later\.$/,
  ],
  [
    "a token without the right",
    refuse(403, "Resource not accessible by personal access token"),
    /^Error: GitHub does not allow this \(HTTP 403: Resource not accessible by personal access token\)\. An admin has to give the account of GITHUB_TOKEN the right to read it\.$/,
  ],
  ["a fault", refuse(502, "Server Error"), /^Error: GitHub has a fault of its own \(HTTP 502/],
  ["a login page", { body: LOGIN_PAGE }, /^Error: GitHub answered with a web page.*GITHUB_API_URL/],
])("%s on GitHub is told plainly", async (_name, fault, sentence) => {
  await using server = await createGitHubServer({ fault });
  expect(await github(server.url)({ id: "1" })).toMatch(sentence);
});

test("without a token, a used-up limit comes with the way to a larger one", async () => {
  const headers = { ...soon, "x-ratelimit-remaining": "0" };
  const fault = refuse(403, "API rate limit exceeded for 203.0.113.10.", headers);
  await using server = await createGitHubServer({ fault });
  expect(await github(server.url, {})({ id: "1" })).toMatch(
    /minutes\. Without GITHUB_TOKEN, GitHub allows 60 requests an hour; with one, 5,000\.$/,
  );
});

test("a wrong GitHub token is named and not shown", async () => {
  await using server = await createGitHubServer(CONTENT);
  const output = await github(server.url, { GITHUB_TOKEN: "ghp_wrongHorse" })({ id: "1" });
  expect(output).toBe(
    "Error: GitHub does not accept GITHUB_TOKEN (HTTP 401: Bad credentials). An admin has to check or renew it.",
  );
});

test("a GitHub that does not answer is named when its time is up", async () => {
  const patience = holdPatience();
  await using server = await createGitHubServer({ fault: "silence" });
  const answer = github(server.url)({ id: "1" });
  await server.arrived;
  patience.runOut();
  expect(await answer).toBe(`Error: GitHub (${server.url}) did not answer within 15 s.`);
  await server.left;
});
