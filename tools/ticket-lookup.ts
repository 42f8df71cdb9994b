import { fileURLToPath } from "node:url";

import { defineTool } from "patchbay/tool";
import { z } from "zod";

import { chooseBackend, need } from "./lib/backend.ts";
import { findOnGitHub } from "./lib/github-issues.ts";
import { findInJira } from "./lib/jira.ts";
import { findInFile } from "./lib/tickets.ts";

const DEMO = fileURLToPath(new URL("demo/tickets.csv", import.meta.url));

const BACKENDS = [
  {
    name: "jira",
    title: "Jira",
    needs: ["JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN"],
  },
  { name: "github", title: "GitHub", needs: ["GITHUB_REPO"] },
  { name: "file", title: "an export", needs: ["TICKETS_FILE"] },
] as const;

export default defineTool({
  description:
    "Looks up a ticket of the team's tracker by its id: title, status, assignee, priority, last update, description and latest comments.",
  parameters: z.object({
    id: z
      .string()
      .trim()
      .min(1)
      .describe("The ticket's id, such as OPS-1 or #12, or a link to the ticket."),
  }),
  settings: [
    "TICKETS_FROM",
    "JIRA_BASE_URL",
    "JIRA_EMAIL",
    "JIRA_API_TOKEN",
    "GITHUB_REPO",
    "GITHUB_TOKEN",
    "GITHUB_API_URL",
    "TICKETS_FILE",
  ],
  async run({ id }, { settings, signal }) {
    switch (chooseBackend("TICKETS_FROM", BACKENDS, settings)) {
      case "jira":
        return await findInJira(id, settings, signal);
      case "github":
        return await findOnGitHub(id, settings, signal);
      case "file":
        return await findInFile(id, need(settings, "TICKETS_FILE"), signal);
      case undefined:
        return await findInFile(id, DEMO, signal);
    }
  },
});
