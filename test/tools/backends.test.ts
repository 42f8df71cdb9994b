import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test } from "vitest";

import { createLog } from "../../src/log.ts";
import { createToolbox } from "../../src/toolbox/index.ts";
import { createToolFolder, loadTools, toolFile } from "../toolbox/tool-folder.ts";
import { bundled, caller, loaded, TOOLS } from "./bundled.ts";
import { createJiraServer, EMAIL, TOKEN } from "./jira-server.ts";

const JIRA = { JIRA_BASE_URL: "http://127.0.0.1:9", JIRA_EMAIL: EMAIL, JIRA_API_TOKEN: TOKEN };

test.each([
  [
    { JIRA_BASE_URL: "http://127.0.0.1:9", JIRA_EMAIL: EMAIL },
    "Jira is not completely set up: JIRA_API_TOKEN is missing. An admin has to set it; tools/README.md tells where to get it.",
  ],
  [
    { TICKETS_FROM: "jira" },
    "Jira is not completely set up: JIRA_BASE_URL, JIRA_EMAIL, and JIRA_API_TOKEN are missing. An admin has to set them; tools/README.md tells where to get them.",
  ],
  [
    { TICKETS_FROM: "gitlab" },
    'TICKETS_FROM is "gitlab"; an admin has to set it to jira, github, or file.',
  ],
  [
    { ...JIRA, GITHUB_REPO: "acme/shop" },
    "Variables of Jira and GitHub are set. An admin has to set TICKETS_FROM to jira or github.",
  ],
  [
    { GITHUB_REPO: "https://github.com/acme/shop" },
    'GITHUB_REPO is "https://github.com/acme/shop"; an admin has to set it to owner/name, such as acme/shop.',
  ],
])("tickets with %j are answered with what is to be done", async (env, sentence) => {
  expect(await bundled("ticket_lookup", env)({ id: "OPS-1" })).toBe(`Error: ${sentence}`);
});

test("TICKETS_FROM chooses where several trackers are set up", async () => {
  await using folder = await createToolFolder({ "tickets.csv": "key,description\nA-1,Words\n" });
  const both = { ...JIRA, GITHUB_REPO: "acme/shop", TICKETS_FROM: "File" };
  const file = path.join(folder.dir, "tickets.csv");
  const told: unknown = JSON.parse(
    await bundled("ticket_lookup", { ...both, TICKETS_FILE: file })({ id: "A-1" }),
  );
  expect(told).toMatchObject({ id: "A-1", description: "Words" });
});

test("variables that machines have anyway do not choose a tracker: the demo's export answers", async () => {
  const machine = {
    GITHUB_TOKEN: "ghp_x",
    GITHUB_API_URL: "https://api.github.com",
    GITHUB_REPOSITORY: "a/b",
  };
  expect(JSON.parse(await bundled("ticket_lookup", machine)({ id: "OPS-1" }))).toMatchObject({
    assignee: "Lee",
  });
});

test.each([
  [
    { ARGOCD_URL: "http://127.0.0.1:9" },
    "Argo CD is not completely set up: ARGOCD_TOKEN is missing. An admin has to set it; tools/README.md tells where to get it.",
  ],
  [
    { DEPLOYS_REPO: "acme/shop", DEPLOY_STATUS_URL: "http://127.0.0.1:9/{service}" },
    "Variables of GitHub and an HTTP endpoint are set. An admin has to set DEPLOYS_FROM to github or http.",
  ],
  [
    { DEPLOYS_FROM: "github" },
    "GitHub is not completely set up: GITHUB_REPO is missing. An admin has to set it; tools/README.md tells where to get it.",
  ],
])("deployments with %j are answered with what is to be done", async (env, sentence) => {
  expect(await bundled("deploy_status", env)({ service: "checkout" })).toBe(`Error: ${sentence}`);
});

test("without a deployment system, the demo's file answers and says so", async () => {
  const ask = bundled("deploy_status", {});
  expect(JSON.parse(await ask({ service: "Checkout" }))).toMatchObject({
    service: "checkout",
    environment: "production",
    version: "2.14.0",
    state: "deployed",
    message: "These are demo data: no deployment system is set up.",
    others: [{ environment: "staging" }],
  });
  expect(await ask({ service: "chekout", environment: "staging" })).toBe(
    "There is no deployment of chekout in staging among the demo's. The nearest names are checkout, search, billing.",
  );
});

test("a token that a tool can do without may stand in a file, and a missing file is named", async () => {
  await using server = await createJiraServer();
  await using folder = await createToolFolder({});
  const file = path.join(folder.dir, "token");
  await writeFile(file, `${TOKEN}\n`);
  const env = { JIRA_BASE_URL: server.url, JIRA_EMAIL: EMAIL, JIRA_API_TOKEN_FILE: file };
  expect(JSON.parse(await bundled("ticket_lookup", env)({ id: "OPS-2" }))).toMatchObject({
    id: "OPS-2",
  });
  const missing = { ...env, JIRA_API_TOKEN_FILE: path.join(folder.dir, "gone") };
  expect(await bundled("ticket_lookup", missing)({ id: "OPS-2" })).toMatch(
    /^Error: JIRA_API_TOKEN_FILE names a file that cannot be read: ENOENT.*\. An admin has to correct it\.$/,
  );
});

test("such a token gets neither into the log nor into the output of a tool that fails", async () => {
  const text = toolFile("throw new Error(context.settings.A_TOKEN);", "settings: ['A_TOKEN'],");
  await using folder = await createToolFolder({ "probe.ts": text });
  const lines: string[] = [];
  const log = createLog("warn", [], { write: (line: string) => void lines.push(line) });
  const { tools } = await loadTools({ dir: folder.dir, log });
  const toolbox = createToolbox({ tools, env: { A_TOKEN: TOKEN }, log });
  const call = { id: "call_1", name: "probe", arguments: "{}" };
  const { output } = await toolbox.call(call, caller, new AbortController().signal);
  expect(output).toBe("Error: [secret]");
  expect(lines.join("")).toContain("the tool failed");
  expect(lines.join("")).not.toContain(TOKEN);
});

test("tools/README.md tells exactly the variables that the tools read", async () => {
  const readme = await readFile(path.join(TOOLS, "README.md"), "utf8");
  const told = [...readme.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name);
  const read = loaded.tools.flatMap(({ settings, secrets }) => [...settings, ...secrets]);
  expect(told).toHaveLength(new Set(told).size);
  expect(new Set(told)).toEqual(new Set(read));
});

test("the two tools only read, and load without a problem", () => {
  expect(loaded.problems).toEqual([]);
  for (const name of ["ticket_lookup", "deploy_status"])
    expect(loaded.tools.find((tool) => tool.name === name)).toMatchObject({ risk: "read" });
});
