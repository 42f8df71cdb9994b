import { createAnsweringServer, type AnsweringServer, type Given } from "./answering-server.ts";

export const EMAIL = "bot@acme.example";
export const TOKEN = "ATATT3xFfGF0-correct-horse";

const user = (displayName: string) => ({
  self: "https://acme.atlassian.net/rest/api/3/user?accountId=5b10a2844c20165700ede21g",
  accountId: "5b10a2844c20165700ede21g",
  accountType: "atlassian",
  active: true,
  displayName,
});
const text = (words: string, marks: object[] = []) => ({ type: "text", text: words, marks });
const paragraph = (...content: object[]) => ({ type: "paragraph", content });
const doc = (...content: object[]) => ({ type: "doc", version: 1, content });

const DESCRIPTION = doc(
  { type: "heading", attrs: { level: 2 }, content: [text("What happens")] },
  paragraph(
    text("Since "),
    { type: "date", attrs: { timestamp: "1793577600000" } },
    text(" the checkout times out, says "),
    { type: "mention", attrs: { id: "5b10", text: "@Lee", accessLevel: "" } },
    { type: "emoji", attrs: { shortName: ":scream:", text: "😱" } },
    { type: "hardBreak" },
    text("runbook", [{ type: "link", attrs: { href: "https://wiki.example.com/checkout" } }]),
    text(" and "),
    { type: "inlineCard", attrs: { url: "https://wiki.example.com/lb" } },
  ),
  {
    type: "orderedList",
    attrs: { order: 1 },
    content: [
      { type: "listItem", content: [paragraph(text("Open the shop"))] },
      {
        type: "listItem",
        content: [
          paragraph(text("Pay:")),
          {
            type: "bulletList",
            content: [{ type: "listItem", content: [paragraph(text("by card"))] }],
          },
        ],
      },
    ],
  },
  {
    type: "taskList",
    attrs: { localId: "1" },
    content: [
      { type: "taskItem", attrs: { localId: "2", state: "DONE" }, content: [text("page on-call")] },
      { type: "taskItem", attrs: { localId: "3", state: "TODO" }, content: [text("roll back")] },
    ],
  },
  { type: "codeBlock", attrs: { language: "sh" }, content: [text("curl -m 30 https://shop")] },
  {
    type: "table",
    content: [
      {
        type: "tableRow",
        content: ["zone", "p99"].map((head) => ({
          type: "tableHeader",
          content: [paragraph(text(head))],
        })),
      },
      {
        type: "tableRow",
        content: ["eu", "31 s"].map((cell) => ({
          type: "tableCell",
          content: [paragraph(text(cell))],
        })),
      },
    ],
  },
  { type: "panel", attrs: { panelType: "info" }, content: [paragraph(text("Only for cards."))] },
  {
    type: "mediaSingle",
    content: [{ type: "media", attrs: { type: "file", id: "9f", alt: "graph.png" } }],
  },
);
export const DESCRIPTION_TEXT = `What happens

Since 2026-11-02 the checkout times out, says @Lee😱
runbook (https://wiki.example.com/checkout) and https://wiki.example.com/lb

1. Open the shop
2. Pay:
  - by card

[x] page on-call
[ ] roll back

curl -m 30 https://shop

zone | p99
eu | 31 s
Only for cards.

[file: graph.png]`;

const ISSUES: Readonly<Record<string, object>> = {
  "OPS-1": {
    summary: "Checkout times out behind the new load balancer",
    status: { name: "In Progress", statusCategory: { key: "indeterminate" } },
    assignee: user("Lee"),
    priority: { id: "2", name: "High" },
    updated: "2026-11-02T10:15:30.417+0100",
    description: DESCRIPTION,
  },
  "OPS-2": {
    summary: "Rotate the credentials",
    status: { name: "To Do" },
    assignee: null,
    priority: null,
    updated: "2026-10-30T08:00:00.000+0000",
    description: null,
  },
};
const COMMENTS = ["first", "second", "third", "fourth"].map((words, index) => ({
  id: String(10_000 + index),
  author: user("Priya"),
  created: `2026-11-0${index + 1}T09:00:00.000+0000`,
  body: doc(paragraph(text(`the ${words} comment`))),
}));

/**
 * Jira Cloud as its REST API v3 is documented (developer.atlassian.com/cloud/jira/platform/rest/v3): fields are chosen,
 * comments ordered and paged; a wrong login makes the request anonymous, and nobody may see anything anonymously.
 */
export function createJiraServer(fault?: Given | "silence"): Promise<AnsweringServer> {
  return createAnsweringServer(({ path, query, headers }) => {
    if (fault !== undefined) return fault;
    const [, key = "", rest] = /^\/rest\/api\/3\/issue\/([^/]+)(\/comment)?$/.exec(path) ?? [];
    const login = `Basic ${btoa(`${EMAIL}:${TOKEN}`)}`;
    const loggedIn = headers.authorization === login;
    const fields = ISSUES[key];
    if (!loggedIn || fields === undefined)
      return {
        status: 404,
        headers: { "x-seraph-loginreason": loggedIn ? "OK" : "AUTHENTICATED_FAILED" },
        body: {
          errorMessages: ["Issue does not exist or you do not have permission to see it."],
          errors: {},
        },
      };
    if (rest === "/comment") {
      const all = key === "OPS-1" ? COMMENTS : [];
      const ordered = query.get("orderBy") === "-created" ? all.toReversed() : all;
      const [startAt, maxResults] = [0, Number(query.get("maxResults") ?? 100)];
      const comments = ordered.slice(startAt, maxResults);
      return { body: { startAt, maxResults, total: all.length, comments } };
    }
    const wanted = query.get("fields")?.split(",") ?? [];
    const chosen = Object.entries(fields).filter(([name]) => wanted.includes(name));
    const self = `https://acme.atlassian.net/rest/api/3/issue/10002`;
    return { body: { id: "10002", self, key, fields: Object.fromEntries(chosen) } };
  });
}
