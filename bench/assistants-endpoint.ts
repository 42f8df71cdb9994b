/**
 * A program: a model endpoint that does what its model's name says, e.g. `first=5,every=2,count=20`: the first
 * word after 5 ms, then one every 2 ms, 20 in all; 0 means at once. Prints its base URL. A process of its own, so
 * that its work is not counted as the server's.
 */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

const body = z.looseObject({ model: z.string() });

const server = createServer((request, response) => {
  void (async () => {
    const { model } = body.parse(JSON.parse(await text(request)));
    response.writeHead(200, { "content-type": "text/event-stream" });
    await answer(response, (name) => Number(new RegExp(`${name}=(\\d+)`).exec(model)?.[1] ?? 0));
  })();
});

async function answer(response: ServerResponse, setting: (name: string) => number): Promise<void> {
  const [first, every, count] = [setting("first"), setting("every"), setting("count")];
  if (first > 0) await sleep(first);
  for (let index = 0; index < count; index++) {
    if (index > 0 && every > 0) await sleep(every);
    const said = [{ index: 0, delta: { content: `word${index} ` }, finish_reason: null }];
    if (!response.write(chunk({ choices: said }))) await once(response, "drain");
  }
  const usage = { prompt_tokens: 10, completion_tokens: count, total_tokens: count + 10 };
  response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
  response.write(chunk({ choices: [], usage }));
  response.end("data: [DONE]\n\n");
}

function chunk(fields: object): string {
  const base = { id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_760_000_000 };
  return `data: ${JSON.stringify({ ...base, model: "bench", ...fields })}\n\n`;
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  process.stdout.write(`http://127.0.0.1:${address.port}/v1\n`);
});
