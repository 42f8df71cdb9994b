import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // CI counts from the file what passed and failed.
    reporters:
      process.env["CI"] === undefined
        ? ["default"]
        : ["default", ["json", { outputFile: "test-results.json" }]],
    // Node itself runs the TypeScript, as in production: its module hooks find `patchbay/tool` for tool files.
    experimental: { viteModuleRunner: false },
  },
});
