import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";

import { expect, test } from "vitest";

import { judgeSpace } from "../../src/doctor/embedded.ts";
import { judgePostgres, type PostgresState } from "../../src/doctor/postgres.ts";
import { databaseDir, lockDataDir, prepareDatabase } from "../../src/store/data-dir.ts";
import { createDatabase, hasPostgres } from "../doubles/database.ts";
import { findClosedAddress } from "../tools/answering-server.ts";
import { createFolder, look } from "./look.ts";

test("an embedded database is opened once where it is free, and left alone where the bot runs", async () => {
  await using folder = await createFolder();
  const DATA_DIR = path.join(folder.path, "data");
  await mkdir(DATA_DIR);
  await prepareDatabase(databaseDir(DATA_DIR));
  expect((await look({ DATA_DIR })).finding("database-opens").message).toContain(DATA_DIR);
  await using _ = await lockDataDir(DATA_DIR);
  const beside = await look({ DATA_DIR });
  expect(beside).toMatchObject({ exitCode: 0, troubles: [] });
  expect(beside.finding("data-dir-in-use").message).toContain(`process ${process.pid}`);
});

test("a DATA_DIR that cannot be written, and a database that is damaged, are faults", async () => {
  await using folder = await createFolder();
  const file = path.join(folder.path, "file");
  await writeFile(file, "");
  const below = await look({ DATA_DIR: path.join(file, "data") });
  expect(below.troubles).toEqual(["fault data-dir-unwritable"]);
  const DATA_DIR = path.join(folder.path, "data");
  await mkdir(databaseDir(DATA_DIR), { recursive: true });
  await writeFile(path.join(databaseDir(DATA_DIR), "PG_VERSION"), "9.6\n");
  const damaged = await look({ DATA_DIR });
  expect(damaged.troubles).toEqual(["fault database-damaged"]);
  expect(damaged.finding("database-damaged").remedy).toContain("backup");
});

test("little space is a warning, none is a fault", () => {
  const codes = [5_000, 500, 50].map((megabytes) =>
    judgeSpace("/data", megabytes * 1_048_576).map(({ state, code }) => `${state} ${code}`),
  );
  expect(codes).toEqual([[], ["warn disk-tight"], ["fault disk-full"]]);
});

test("a Postgres that is not there is told with what to look at", async () => {
  const { host } = new URL(await findClosedAddress());
  const seen = await look({ DATABASE_URL: `postgres://ana:hunter2hunter2@${host}/x` });
  expect(seen.troubles).toEqual(["fault postgres-unreachable"]);
  expect(seen.finding("postgres-unreachable").message).toContain("connection refused");
  expect(JSON.stringify(seen.findings)).not.toContain("hunter2");
});

/** Answers every connection with one error, as Postgres does before it lets anybody in. */
async function createRefusingPostgres(): Promise<{ url: string; code: string } & AsyncDisposable> {
  const refusing = {
    code: "",
    url: "",
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      const fields = Buffer.from(`SFATAL\0C${refusing.code}\0Mno entry\0\0`);
      const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4]);
      socket.end(Buffer.concat([head, fields]));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  refusing.url = `postgres://ana:pw@127.0.0.1:${typeof address === "object" ? address?.port : ""}/x`;
  return refusing;
}

test("a Postgres that refuses says whether user, database or room is missing", async () => {
  await using postgres = await createRefusingPostgres();
  const seen: (readonly string[])[] = [];
  for (const code of ["28P01", "28000", "3D000", "53300", "XX000"]) {
    postgres.code = code;
    seen.push((await look({ DATABASE_URL: postgres.url })).troubles);
  }
  expect(seen).toEqual([
    ["fault postgres-login"],
    ["fault postgres-login"],
    ["fault postgres-database-missing"],
    ["fault postgres-full"],
    ["fault postgres-failed"],
  ]);
});

test("what the server says about itself is judged", () => {
  const fine: PostgresState = {
    version: 17,
    database: "patchbay",
    user: "ana",
    schema: "public",
    encoding: "UTF8",
    mayMakeSchemas: true,
    mayMakeTables: true,
    readOnly: false,
  };
  const codesOf = (state: Partial<PostgresState>): string[] =>
    judgePostgres({ ...fine, ...state }).map(({ code }) => code);
  expect(codesOf({})).toEqual(["postgres-reached"]);
  expect(codesOf({ version: 12 })).toEqual(["postgres-too-old"]);
  expect(codesOf({ readOnly: true })).toEqual(["postgres-read-only"]);
  expect(codesOf({ encoding: "SQL_ASCII" })).toEqual(["postgres-encoding"]);
  const [found] = judgePostgres({ ...fine, mayMakeTables: false, mayMakeSchemas: false });
  expect(found).toMatchObject({ state: "fault", code: "postgres-may-not-create" });
  expect(found?.remedy).toContain('grant create on schema public to "ana";');
});

test.skipIf(!hasPostgres)("a Postgres in order is reached and left as it was", async () => {
  const database = await createDatabase();
  try {
    const seen = await look({ DATABASE_URL: database.url });
    expect(seen).toMatchObject({ exitCode: 0, troubles: [] });
    expect(seen.finding("postgres-reached").message).toContain("may make its tables");
  } finally {
    await database.drop();
  }
});
