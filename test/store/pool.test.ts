import { expect, test } from "vitest";

import { onEachDatabase } from "../doubles/database.ts";

onEachDatabase((backend) => {
  test("a query on the pool inside a transaction is refused instead of waiting for itself", async () => {
    await using database = await backend.open({ connections: 1 });
    await expect(
      database.transaction(async () => {
        await database.query("select 1");
      }),
    ).rejects.toThrow("Inside a transaction");
    expect((await database.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("a transaction that throws leaves nothing behind", async () => {
    await using database = await backend.open();
    await database.query("create table mark (id int)");
    await expect(
      database.transaction(async (sql) => {
        await sql.query("insert into mark values (1)");
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect((await database.query("select * from mark")).rows).toEqual([]);
  });

  test("a statement that is refused leaves the database usable, also for those that follow at once", async () => {
    await using database = await backend.open();
    const tries = ["1", "\u0000", "x", "2", "0"].map((value) =>
      database.query<{ part: number }>("select 10 / $1::int as part", [value]).then(
        ({ rows }) => rows[0]?.part,
        () => "refused",
      ),
    );
    expect(await Promise.all(tries)).toEqual([10, "refused", "refused", 5, "refused"]);
    expect((await database.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});
