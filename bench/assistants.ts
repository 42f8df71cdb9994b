/**
 * What the Assistants server costs over calling its model endpoint directly. Everything that is compared is
 * measured in turns within this one run, so figures of one run compare with each other; those of two machines do not.
 * BENCH_QUICK=1 takes a tenth of the samples.
 */
import {
  type Answered,
  askDirectly,
  createPostgres,
  openSubject,
  type ServerSubject,
  startEndpoint,
  type Subject,
  watch,
} from "./assistants-subjects.ts";

const SCALE = process.env["BENCH_QUICK"] === "1" ? 0.1 : 1;
const POSTGRES = process.env["TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const LENGTHS = [10, 1_000, 100_000];

/** 20 words, the first after 5 ms and then one every 2 ms, as a fast model would. */
const PACED = "first=5,every=2,count=20";
const BURST = 2_000;

await using endpoint = await startEndpoint();
await using postgres = await createPostgres(POSTGRES);
await using opened = new AsyncDisposableStack();
const servers = [opened.use(await openSubject("server on PGlite", endpoint.url, undefined))];
if (postgres === undefined) print(`No Postgres answers at ${new URL(POSTGRES).host}: left out.`);
else servers.push(opened.use(await openSubject("server on Postgres", endpoint.url, postgres.url)));
const subjects: readonly Subject[] = [askDirectly(endpoint.url), ...servers];

await measureLatency();
await measureDeltas();
await measureThroughput();
await measureThreads();

async function measureLatency(): Promise<void> {
  const samples = await inTurns(subjects, 200 * SCALE, (subject) => subject.ask(PACED));
  const base = samples[0] ?? [];
  table(
    "One run at a time: milliseconds to the first and to the last word (20 words, one every 2 ms)",
    [
      "",
      "first p50",
      "first p99",
      "last p50",
      "last p99",
      "first p50, over direct",
      "last p50, over direct",
    ],
    subjects.map(({ name }, index) => {
      const [own, first, last] = [samples[index] ?? [], "first", "last"] as const;
      return [
        name,
        ms(quantile(own, first, 0.5)),
        ms(quantile(own, first, 0.99)),
        ms(quantile(own, last, 0.5)),
        ms(quantile(own, last, 0.99)),
        plus(quantile(own, first, 0.5) - quantile(base, first, 0.5)),
        plus(quantile(own, last, 0.5) - quantile(base, last, 0.5)),
      ];
    }),
  );
}

async function measureDeltas(): Promise<void> {
  const samples = await inTurns(subjects, 20 * SCALE, (subject) => subject.ask(`count=${BURST}`));
  const perDelta = samples.map((own) => (quantile(own, "last", 0.5) * 1_000) / BURST);
  const base = perDelta[0] ?? Number.NaN;
  table(
    `A burst of ${BURST} words as fast as they come: microseconds per word`,
    ["", "per word", "over direct", "ratio"],
    subjects.map(({ name }, index) => {
      const own = perDelta[index] ?? Number.NaN;
      return [name, own.toFixed(0), plus(own - base), `${(own / base).toFixed(1)}x`];
    }),
  );
}

async function measureThroughput(): Promise<void> {
  const runs = 600 * SCALE;
  const atOnce = 50;
  const rates: number[] = [];
  for (const subject of subjects) {
    const began = performance.now();
    let left = runs;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await subject.ask("count=5");
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    rates.push((runs * 1_000) / (performance.now() - began));
  }
  table(
    `${runs} runs, ${atOnce} at once, 5 words each, each on a new thread`,
    ["", "runs per second", "of direct"],
    subjects.map(({ name }, index) => {
      const own = rates[index] ?? Number.NaN;
      return [name, own.toFixed(0), `${((own / (rates[0] ?? own)) * 100).toFixed(0)} %`];
    }),
  );
}

async function measureThreads(): Promise<void> {
  for (const server of servers) {
    const threads = await Promise.all(LENGTHS.map((length) => createThread(server, length)));
    const created = await inTurns(threads, 60 * SCALE, (thread) => createRun(server, thread));
    const base = quantile(created[0] ?? [], "first", 0.5);
    table(
      `A run on a long thread, ${server.name}: milliseconds`,
      [
        "messages",
        "created p50",
        "created p99",
        "first word p50",
        "first word p99",
        "created p50, to the shortest",
      ],
      LENGTHS.map((length, index) => {
        const own = created[index] ?? [];
        return [
          length.toLocaleString("en"),
          ms(quantile(own, "first", 0.5)),
          ms(quantile(own, "first", 0.99)),
          ms(quantile(own, "last", 0.5)),
          ms(quantile(own, "last", 0.99)),
          `${(quantile(own, "first", 0.5) / base).toFixed(2)}x`,
        ];
      }),
    );
  }
}

/** `first`: until the run is there; `last`: until its first word. */
async function createRun(server: ServerSubject, thread: string): Promise<Answered> {
  const began = performance.now();
  const stream = await server.client.beta.threads.runs.create(thread, {
    assistant_id: server.assistant,
    model: "count=1",
    stream: true,
  });
  const created = performance.now() - began;
  const { first } = await watch(Promise.resolve(stream));
  return { first: created, last: created + first };
}

/** Messages of about 50 tokens, put there directly: through the API a hundred thousand would take minutes. */
async function createThread({ client, database }: ServerSubject, length: number): Promise<string> {
  const { id } = await client.beta.threads.create();
  const value =
    "The deploy of the web shop went through at noon, and nobody has complained so far. ".repeat(3);
  await database.query(
    `insert into message (id, thread_id, created_at, role, status, completed_at, content, attachments, metadata)
     select $1::text || '_' || n, $1, 1000, 'user', 'completed', 1000, $2, '[]', '{}' from generate_series(1, $3::integer) n`,
    [id, JSON.stringify([{ type: "text", text: { value, annotations: [] } }]), length],
  );
  await database.query("update thread set message_count = $2 where id = $1", [
    id,
    Math.min(length, 99_000),
  ]);
  return id;
}

/** Measures all in turns, so that what else the machine does falls on all alike; a few rounds first to warm up. */
async function inTurns<T>(
  all: readonly T[],
  rounds: number,
  measure: (one: T) => Promise<Answered>,
): Promise<Answered[][]> {
  const samples: Answered[][] = all.map(() => []);
  const warmUp = 5;
  for (let round = -warmUp; round < rounds; round++) {
    for (const [index, one] of all.entries()) {
      const sample = await measure(one);
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  return samples;
}

function quantile(samples: readonly Answered[], which: keyof Answered, share: number): number {
  const sorted = samples.map((sample) => sample[which]).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ms(value: number): string {
  return value.toFixed(1);
}

function plus(value: number): string {
  return `${value >= 0 ? "+" : ""}${value.toFixed(1)}`;
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  print(`\n${title}\n${[head, ...rows].map(line).join("\n")}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
