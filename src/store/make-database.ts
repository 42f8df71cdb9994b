/** Makes an empty embedded database in the folder that is its only argument, and ends. */
import { openDatabase } from "./pool.ts";

const [, , dataDir] = process.argv;
if (dataDir === undefined) throw new Error("usage: make-database.ts <folder>");
await using database = await openDatabase({ dataDir });
await database.query("select 1");
