import { defineTool } from "patchbay/tool";
import { z } from "zod";

import { findInArgoCd } from "./lib/argocd.ts";
import { chooseBackend } from "./lib/backend.ts";
import { findInDemo } from "./lib/demo-deployments.ts";
import { findGitHubDeployment } from "./lib/github-deployments.ts";
import { findByUrl } from "./lib/json-deployments.ts";

const DEMO = new URL("demo/deploys.json", import.meta.url);

const BACKENDS = [
  { name: "github", title: "GitHub", needs: ["GITHUB_REPO"] },
  { name: "argocd", title: "Argo CD", needs: ["ARGOCD_URL", "ARGOCD_TOKEN"] },
  { name: "http", title: "an HTTP endpoint", needs: ["DEPLOY_STATUS_URL"] },
] as const;

// "." and ".." would lead to another path of the system that is asked.
const name = z.string().trim().min(1).max(200).regex(/[^.]/, "must be a name");

export default defineTool({
  description:
    "Tells whether a service, such as checkout, is deployed: which version, in which state, when and by whom.",
  parameters: z.object({
    service: name.describe("The service's name, such as checkout."),
    environment: name
      .describe("The environment, such as production or staging, where one was asked for.")
      .optional(),
  }),
  settings: [
    "DEPLOYS_FROM",
    "GITHUB_REPO",
    "DEPLOYS_REPO",
    "GITHUB_TOKEN",
    "GITHUB_API_URL",
    "ARGOCD_URL",
    "ARGOCD_TOKEN",
    "DEPLOY_STATUS_URL",
    "DEPLOY_STATUS_TOKEN",
  ],
  async run({ service, environment }, { settings, signal }) {
    const question = { service, environment };
    // DEPLOYS_REPO is for those whose tickets are in another repository, or who have one for each service.
    const known = { ...settings };
    if (settings["DEPLOYS_REPO"] !== undefined) known["GITHUB_REPO"] = settings["DEPLOYS_REPO"];
    switch (chooseBackend("DEPLOYS_FROM", BACKENDS, known)) {
      case "github":
        return await findGitHubDeployment(question, settings, signal);
      case "argocd":
        return await findInArgoCd(question, settings, signal);
      case "http":
        return await findByUrl(question, settings, signal);
      case undefined:
        return await findInDemo(question, DEMO, signal);
    }
  },
});
