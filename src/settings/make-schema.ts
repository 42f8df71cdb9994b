import { writeFile } from "node:fs/promises";

import { z } from "zod";

import { schema } from "./schema.ts";

const FILE = new URL("../../patchbay.schema.json", import.meta.url);

/** The JSON Schema of patchbay.yml, for editors; draft 7, which all of them know. */
export function makeSchema(): object {
  return z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      // A section whose lines are all commented out holds nothing, and counts as absent.
      if (jsonSchema.type === "object" || jsonSchema.type === "array")
        Object.assign(jsonSchema, { type: [jsonSchema.type, "null"] });
    },
  });
}

/** `node src/settings/make-schema.ts && oxfmt patchbay.schema.json`, after a change of schema.ts. */
if (import.meta.main) await writeFile(FILE, `${JSON.stringify(makeSchema(), null, 2)}\n`);
