import { registerHooks, type ModuleHooks } from "node:module";

// Module hooks belong to the process, so there is at most one, however many folders are loaded.
let hooks: ModuleHooks | undefined;

/**
 * Makes `patchbay/tool` and `zod` the product's copies for every file outside node_modules, wherever TOOLS_DIR lies.
 * Everything else, packages next to the tools included, is found as Node finds it.
 */
export function resolveForTools(): void {
  hooks ??= registerHooks({
    resolve(specifier, context, next) {
      if (specifier === "patchbay/tool")
        return { url: new URL("define.ts", import.meta.url).href, shortCircuit: true };
      const isZod = specifier === "zod" || specifier.startsWith("zod/");
      const byPackage = context.parentURL?.includes("/node_modules/") ?? false;
      return next(
        specifier,
        isZod && !byPackage ? { ...context, parentURL: import.meta.url } : context,
      );
    },
  });
}
