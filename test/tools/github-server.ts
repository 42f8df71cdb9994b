import {
  createAnsweringServer,
  type AnsweringServer,
  type Asked,
  type Given,
} from "./answering-server.ts";

export const TOKEN = "ghp_correctHorseBatteryStaple";

const octocat = (login: string) => ({ login, id: 1, type: "User", site_admin: false });
const html = "https://github.com/acme/shop";

interface DeploymentOptions {
  readonly id: number;
  readonly environment: string;
  readonly ref?: string;
  readonly task?: string;
  readonly payload?: object | string;
}
const SHA = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d";
export const deployment = ({ id, environment, ref = "v1.4.2", ...more }: DeploymentOptions) => ({
  url: `https://api.github.com/repos/acme/shop/deployments/${id}`,
  id,
  node_id: "MDEwOkRlcGxveW1lbnQx",
  sha: SHA,
  ref,
  task: "deploy",
  payload: {},
  original_environment: environment,
  environment,
  description: "Deploy request from hubot",
  creator: octocat("ana"),
  created_at: "2026-11-02T01:19:13Z",
  updated_at: "2026-11-02T01:20:13Z",
  transient_environment: false,
  production_environment: environment === "production",
  ...more,
});
const status = (state: string, second: number) => ({
  id: second,
  state,
  creator: octocat("deploy-bot"),
  description: state === "success" ? "Deployment finished successfully." : "",
  environment: "production",
  target_url: "",
  log_url: state === "success" ? "" : `${html}/actions/runs/7`,
  environment_url: state === "success" ? "https://shop.example.com" : "",
  created_at: `2026-11-02T01:20:${String(second).padStart(2, "0")}Z`,
});

export interface GitHubContent {
  /** By their number. */
  readonly issues?: Readonly<Record<number, object>>;
  /** How many comments each issue has. */
  readonly comments?: number;
  /** By repository, newest first. */
  readonly deployments?: Readonly<Record<string, readonly ReturnType<typeof deployment>[]>>;
  /** By deployment, newest first. */
  readonly states?: Readonly<Record<number, readonly string[]>>;
  readonly fault?: Given | "silence";
}

export const issue = (number: number, more: object = {}) => ({
  number,
  title: "Found a bug",
  state: "open",
  state_reason: null,
  html_url: `${html}/issues/${number}`,
  user: octocat("octocat"),
  body: "I'm having a problem with this.\r\n",
  labels: [{ id: 1, name: "bug" }],
  assignee: null,
  assignees: [],
  comments: 0,
  created_at: "2026-10-22T13:33:48Z",
  updated_at: "2026-11-01T13:33:48Z",
  ...more,
});

/** GitHub as its REST API is documented (docs.github.com/rest): a token is optional, lists are paged by Link headers. */
export async function createGitHubServer(content: GitHubContent): Promise<AnsweringServer> {
  const server: AnsweringServer = await createAnsweringServer((asked) => {
    if (content.fault !== undefined) return content.fault;
    const { authorization } = asked.headers;
    if (authorization !== undefined && authorization !== `Bearer ${TOKEN}`)
      return refuse(401, "Bad credentials");
    if (asked.headers.accept !== "application/vnd.github+json") return refuse(415, "Unsupported");
    return answer(content, asked, server.url);
  });
  return server;
}

export function refuse(code: number, message: string, headers: Given["headers"] = {}): Given {
  const documentation = "https://docs.github.com/rest";
  return {
    status: code,
    headers,
    body: { message, documentation_url: documentation, status: String(code) },
  };
}

function answer(content: GitHubContent, asked: Asked, url: string): Given {
  const [, repository = "", kind, id = "", rest] =
    /^\/repos\/([^/]+\/[^/]+)\/(issues|deployments)(?:\/(\d+))?(\/\w+)?$/.exec(asked.path) ?? [];
  if (/^\/repositories\/2\/issues\/7$/.test(asked.path))
    return { body: issue(7, { html_url: "https://github.com/acme/checkout/issues/7" }) };
  if (kind === "issues" && repository === "acme/shop") {
    const found = content.issues?.[Number(id)];
    if (id === "5")
      return {
        ...refuse(301, "Moved Permanently"),
        headers: { location: `${url}/repositories/2/issues/7` },
      };
    if (id === "6") return refuse(410, "This issue was deleted");
    if (found === undefined) return refuse(404, "Not Found");
    return rest === "/comments"
      ? page(asked, url, Array.from({ length: content.comments ?? 0 }, toComment))
      : { body: found };
  }
  const all = content.deployments?.[repository];
  if (kind !== "deployments" || all === undefined) return refuse(404, "Not Found");
  if (rest === "/statuses") {
    const states = content.states?.[Number(id)] ?? [];
    return page(
      asked,
      url,
      states.map((state, index) => status(state, states.length - index)),
    );
  }
  const environment = asked.query.get("environment");
  return page(
    asked,
    url,
    all.filter((one) => environment === null || one.environment === environment),
  );
}

function toComment(_: unknown, index: number) {
  const day = new Date(Date.UTC(2026, 0, 1 + index)).toISOString();
  return { id: index, user: octocat("lee"), created_at: day, body: `comment ${index + 1}` };
}

function page({ path, query }: Asked, url: string, all: readonly unknown[]): Given {
  const size = Math.min(Number(query.get("per_page") ?? 30), 100);
  const number = Number(query.get("page") ?? 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (rel: string, to: number) => {
    const rest = new URLSearchParams(query);
    rest.set("page", String(to));
    return `<${url}${path}?${rest.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link("prev", number - 1), link("first", 1)] : []),
    ...(number < last ? [link("next", number + 1), link("last", last)] : []),
  ];
  return {
    body: all.slice((number - 1) * size, number * size),
    ...(links.length > 0 && { headers: { link: links.join(", ") } }),
  };
}
