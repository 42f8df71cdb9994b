import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Node itself runs the TypeScript, as in production: its module hooks find `patchbay/tool` for tool files.
    experimental: { viteModuleRunner: false },
  },
});
