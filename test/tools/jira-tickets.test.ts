import { afterEach, expect, test, vi } from "vitest";

import { findClosedAddress, LOGIN_PAGE, type Given } from "./answering-server.ts";
import { bundled, holdPatience, type Ask } from "./bundled.ts";
import { createJiraServer, DESCRIPTION_TEXT, EMAIL, TOKEN } from "./jira-server.ts";

afterEach(() => vi.restoreAllMocks());

function jira(url: string, env: Readonly<Record<string, string>> = {}): Ask {
  const own = { JIRA_BASE_URL: url, JIRA_EMAIL: EMAIL, JIRA_API_TOKEN: TOKEN };
  return bundled("ticket_lookup", { ...own, ...env });
}

test("a Jira ticket is told with its description as text and its latest comments", async () => {
  await using server = await createJiraServer();
  expect(JSON.parse(await jira(server.url)({ id: "ops-1" }))).toEqual({
    id: "OPS-1",
    title: "Checkout times out behind the new load balancer",
    status: "In Progress",
    assignee: "Lee",
    priority: "High",
    updated: "2026-11-02T10:15:30.417+0100",
    url: `${server.url}/browse/OPS-1`,
    description: DESCRIPTION_TEXT,
    comments: [
      { by: "Priya", at: "2026-11-02T09:00:00.000+0000", text: "the second comment" },
      { by: "Priya", at: "2026-11-03T09:00:00.000+0000", text: "the third comment" },
      { by: "Priya", at: "2026-11-04T09:00:00.000+0000", text: "the fourth comment" },
    ],
  });
});

test("a Jira ticket without assignee, priority, description and comments is told without them", async () => {
  await using server = await createJiraServer();
  expect(JSON.parse(await jira(server.url)({ id: "OPS-2" }))).toEqual({
    id: "OPS-2",
    title: "Rotate the credentials",
    status: "To Do",
    assignee: null,
    priority: null,
    updated: "2026-10-30T08:00:00.000+0000",
    url: `${server.url}/browse/OPS-2`,
  });
});

test.each([
  ["/browse/OPS-2", "OPS-2"],
  ["/browse/OPS-2?focusedCommentId=10003", "OPS-2"],
  ["/jira/software/projects/OPS/boards/1?selectedIssue=OPS-2", "OPS-2"],
])("a link such as %s leads to its Jira ticket", async (link, id) => {
  await using server = await createJiraServer();
  const ask = jira(`${server.url}/`);
  expect(JSON.parse(await ask({ id: `${server.url}${link}` }))).toMatchObject({ id });
});

test.each(["12", "#12", "https://other.atlassian.net/browse/OPS-1", "the checkout one"])(
  "%s is no Jira ticket, and Jira is not asked",
  async (id) => {
    await using server = await createJiraServer();
    expect(await jira(server.url)({ id })).toBe(
      `"${id}" is no ticket of Jira at ${new URL(server.url).host}. Tickets there have a key such as OPS-1, or a link with one.`,
    );
    expect(server.asked).toEqual([]);
  },
);

test("an unknown Jira ticket may also be one that the account may not see", async () => {
  await using server = await createJiraServer();
  expect(await jira(server.url)({ id: "OPS-404" })).toBe(
    "There is no ticket OPS-404 in Jira, or the account of JIRA_EMAIL may not see it.",
  );
});

test("a wrong Jira token is told as such, although Jira only says that there is no such ticket", async () => {
  await using server = await createJiraServer();
  const output = await jira(server.url, { JIRA_API_TOKEN: "expired-token" })({ id: "OPS-1" });
  expect(output).toBe(
    "Error: Jira does not accept JIRA_EMAIL and JIRA_API_TOKEN. An admin has to check the address and make a new token at id.atlassian.com; tokens expire.",
  );
});

test.each<[string, Given, RegExp]>([
  [
    "401 in plain text",
    {
      status: 401,
      headers: { "content-type": "text/plain" },
      body: "Client must be authenticated to access this resource.",
    },
    /^Error: Jira does not accept JIRA_EMAIL and JIRA_API_TOKEN \(HTTP 401: Client must be authenticated to access this resource\)/,
  ],
  [
    "401 in JSON",
    {
      status: 401,
      body: {
        message: "Client must be authenticated to access this resource.",
        "status-code": 401,
      },
    },
    /^Error: Jira does not accept JIRA_EMAIL and JIRA_API_TOKEN \(HTTP 401: Client must/,
  ],
  [
    "401 as a page",
    { status: 401, body: LOGIN_PAGE },
    /^Error: Jira does not accept JIRA_EMAIL and JIRA_API_TOKEN \(HTTP 401\)\. An admin/,
  ],
  [
    "a CAPTCHA",
    { status: 403, body: LOGIN_PAGE, headers: { "x-seraph-loginreason": "AUTHENTICATION_DENIED" } },
    /^Error: Jira asks the account of JIRA_EMAIL for a CAPTCHA.*in a browser\.$/,
  ],
  [
    "a limit with seconds",
    {
      status: 429,
      headers: { "retry-after": "37", "ratelimit-reason": "jira-burst-based" },
      body: { errorMessages: ["Rate limit exceeded."] },
    },
    /^Error: Jira allows no more requests for now\. Try again in 37 s\.$/,
  ],
  [
    "a limit with a date",
    {
      status: 429,
      headers: { "x-ratelimit-reset": new Date(Date.now() + 600_000).toISOString() },
      body: {},
    },
    /^Error: Jira allows no more requests for now\. Try again in 10 minutes\.$/,
  ],
  [
    "a fault",
    { status: 503, body: "<html><body>We are down for maintenance</body></html>" },
    /^Error: Jira has a fault of its own \(HTTP 503\)\. Try again later\.$/,
  ],
  [
    "a login page",
    { status: 200, body: LOGIN_PAGE },
    /^Error: Jira answered with a web page, most likely a login page, and not with data\. Check JIRA_BASE_URL, which leads to http:/,
  ],
  [
    "a dead link",
    { status: 404, body: "<!DOCTYPE html><title>Oops, you've found a dead link.</title>" },
    /^Error: Jira was not found at http:.*An admin has to check JIRA_BASE_URL\.$/,
  ],
  [
    "something else in JSON",
    { status: 200, body: { key: "OPS-1" } },
    /^Error: Jira answered with something else than it was asked for \(fields: /,
  ],
])("%s from Jira is told plainly, without the token", async (_name, given, sentence) => {
  await using server = await createJiraServer(given);
  const output = await jira(server.url)({ id: "OPS-1" });
  expect(output).toMatch(sentence);
  for (const secret of [TOKEN, btoa(`${EMAIL}:${TOKEN}`)]) expect(output).not.toContain(secret);
});

test("a Jira that does not answer is named when its time is up", async () => {
  const patience = holdPatience();
  await using server = await createJiraServer("silence");
  const answer = jira(server.url)({ id: "OPS-1" });
  await server.arrived;
  patience.runOut();
  expect(await answer).toBe(`Error: Jira (${server.url}) did not answer within 15 s.`);
  expect(patience.given()).toBe(15_000);
  await server.left;
});

test("a call that is cancelled gives its request to Jira up", async () => {
  await using server = await createJiraServer("silence");
  const person = new AbortController();
  const env = { JIRA_BASE_URL: server.url, JIRA_EMAIL: EMAIL, JIRA_API_TOKEN: TOKEN };
  const answer = bundled("ticket_lookup", env, person.signal)({ id: "OPS-1" });
  await server.arrived;
  person.abort();
  expect(await answer).toBe("Error: the call was cancelled.");
  await server.left;
});

test("a Jira that is not there is told with its address", async () => {
  const url = await findClosedAddress();
  expect(await jira(url)({ id: "OPS-1" })).toBe(
    `Error: Jira does not run at ${url}: the connection was refused. An admin has to check JIRA_BASE_URL.`,
  );
});

test("an address, a login and a token that cannot be used are told before Jira is asked", async () => {
  expect(await jira("acme.atlassian.net")({ id: "OPS-1" })).toBe(
    "Error: JIRA_BASE_URL is no address; an admin has to set it to one like https://acme.atlassian.net.",
  );
  expect(await jira("https://me:hunter2@acme.atlassian.net")({ id: "OPS-1" })).toBe(
    "Error: JIRA_BASE_URL has a name or password in it, which belong into their own variables.",
  );
  expect(
    await bundled("deploy_status", {
      ARGOCD_URL: "http://127.0.0.1:9",
      ARGOCD_TOKEN: "eyJhbGciOi…",
    })({ service: "checkout" }),
  ).toBe("Error: ARGOCD_TOKEN holds a character that cannot be sent. Copy it again.");
});
