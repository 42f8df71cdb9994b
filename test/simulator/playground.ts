import { expect } from "vitest";
import { z } from "zod";

import { createDiscordSimulator } from "../../simulator/discord/index.ts";
import {
  createPlayground,
  createWorldOfDiscord,
  createWorldOfSlack,
} from "../../simulator/page/index.ts";
import { createSlackSimulator } from "../../simulator/slack/index.ts";

/** A playground on simulators of its own, asked as a browser asks it. */
export type Visit = Awaited<ReturnType<typeof openPlayground>>;

/** #ops of the simulated Slack. */
export const OPS = "slack:C0OPS";

const Message = z.object({
  id: z.string(),
  room: z.string(),
  author: z.string(),
  bot: z.boolean(),
  html: z.string(),
  source: z.string(),
  edits: z.number(),
  thread: z.string().optional(),
  replyTo: z.object({ author: z.string(), excerpt: z.string() }).optional(),
  files: z.array(
    z.object({ name: z.string(), size: z.number(), url: z.string(), image: z.boolean() }),
  ),
});
const Tool = z.object({
  summary: z.string(),
  arguments: z.string(),
  ok: z.boolean().optional(),
  duration: z.number().optional(),
  output: z.string().optional(),
  error: z.string().optional(),
});
const Turn = z.object({
  id: z.string(),
  question: z.string(),
  asker: z.string(),
  state: z.string(),
  steps: z.array(z.object({ label: z.string(), ms: z.number() })),
  tools: z.array(Tool),
  replies: z.array(z.string()),
});
const Room = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  people: z.array(z.string()),
});
const State = z.object({
  model: z.object({ name: z.string() }),
  people: z.array(z.string()),
  rooms: z.array(Room),
  messages: z.array(Message),
  turns: z.array(Turn),
});
const Said = z.object({ message: z.string() });
const Fault = z.object({ error: z.object({ message: z.string() }) });

export async function openPlayground() {
  const slack = await createSlackSimulator({ seedWorld: createWorldOfSlack() });
  const discord = await createDiscordSimulator({ seedWorld: createWorldOfDiscord() });
  const playground = createPlayground({ slack, discord, model: { name: "demo" } });

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    playground.fetch(new Request(url(path), { headers }));
  const post = (
    action: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    playground.fetch(
      new Request(url(`/playground/${action}`), {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    );

  return {
    slack,
    discord,
    playground,
    get,
    post,
    /** The new message's id. */
    async say(words: object): Promise<string> {
      const response = await post("say", words);
      expect(response.status).toBe(201);
      return Said.parse(await response.json()).message;
    },
    async state(): Promise<z.infer<typeof State>> {
      return State.parse(await (await get("/playground/state")).json());
    },
    /** Calls Slack as the bot. */
    async slackApi(method: string, body: object): Promise<{ ts: string }> {
      const response = await fetch(slack.apiUrl + method, {
        method: "POST",
        headers: {
          authorization: `Bearer ${slack.world.tokens.bot}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
      });
      return z
        .object({ ok: z.literal(true), ts: z.string().default("") })
        .parse(await response.json());
    },
    /** Calls Discord as the bot. */
    async discordApi(path: string, body?: object): Promise<void> {
      const response = await fetch(`${discord.apiUrl}/v10${path}`, {
        method: "POST",
        headers: { authorization: `Bot ${discord.token}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect(response.ok).toBe(true);
    },
    /** The event stream, as a browser that has seen `lastEventId` opens it. */
    async listen(lastEventId?: string): Promise<Events> {
      const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
      return readEvents(await get("/playground/events", headers));
    },
    async [Symbol.asyncDispose]() {
      playground.close();
      await slack[Symbol.asyncDispose]();
      await discord[Symbol.asyncDispose]();
    },
  };
}

export function url(path: string): string {
  return `http://127.0.0.1:3000${path}`;
}

/** Status and message of a request that was refused. */
export async function fault(answer: Promise<Response>): Promise<[number, string]> {
  const response = await answer;
  return [response.status, Fault.parse(await response.json()).error.message];
}

interface Events extends AsyncDisposable {
  readonly lastId: string;
  /** The next event's data; it must be of this type. Throws when the stream has ended. */
  next(type: string): Promise<unknown>;
}

function readEvents(response: Response): Events {
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let lastId = "";
  return {
    get lastId() {
      return lastId;
    },
    async next(type) {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end === -1) {
          const { done, value } = await reader.read();
          if (done) throw new Error("The stream has ended.");
          text += decoder.decode(value, { stream: true });
          continue;
        }
        const fields = new Map(text.slice(0, end).split("\n").map(fieldOf));
        text = text.slice(end + 2);
        lastId = fields.get("id") ?? lastId;
        const data = fields.get("data");
        if (data === undefined) continue;
        expect(fields.get("event")).toBe(type);
        return JSON.parse(data);
      }
    },
    async [Symbol.asyncDispose]() {
      await reader.cancel();
    },
  };
}

function fieldOf(line: string): [string, string] {
  const at = line.indexOf(": ");
  return [line.slice(0, at), line.slice(at + 2)];
}
