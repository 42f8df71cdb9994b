import { existsSync } from "node:fs";

import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Bot, makeDataDir, startBot } from "./bot.ts";

const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const here = existsSync(CHROMIUM);
if (!here && process.env["CI"] !== undefined)
  throw new Error(`There is no Chromium at ${CHROMIUM}.`);
if (!here) console.warn(`No Chromium at ${CHROMIUM}: the playground's tests are skipped.`);

describe.skipIf(!here)("the playground, as a newcomer sees it in a browser", () => {
  let data: Awaited<ReturnType<typeof makeDataDir>>;
  let bot: Bot;
  let browser: Browser;

  beforeAll(async () => {
    data = await makeDataDir();
    bot = await startBot({ env: { DATA_DIR: data.path } });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    await bot[Symbol.asyncDispose]();
    await data[Symbol.asyncDispose]();
  });

  async function open(
    width: number,
    colorScheme: "light" | "dark",
  ): Promise<{ page: Page; faults: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await page.goto(bot.url);
    await page.locator("#rooms button").first().waitFor();
    return { page, faults };
  }

  test("the question of the README gets a streamed answer that used ticket_lookup, and its steps are shown", async () => {
    const { page, faults } = await open(1440, "light");
    await page.locator("#text").fill("@Patchbay what is the status of ticket OPS-1?");
    await page.locator("#send").click();
    await page
      .getByText("OPS-1 is in progress, assigned to Lee. (demo model)", { exact: true })
      .waitFor();
    expect(await page.locator(".tool summary").first().textContent()).toMatch(
      /ticket_lookup\(id: "OPS-1"\)\s*✓ \d+ ms/,
    );
    await page.locator(".turn .state.done").first().waitFor();
    const steps = await page.locator(".turn .steps .label").allTextContents();
    expect(steps[0]).toBe("received");
    expect(steps).toContain("run");
    expect(steps.at(-1)).toBe("final");
    expect(faults).toEqual([]);
    await page.close();
  });

  test.each([
    [390, "light"],
    [390, "dark"],
    [1440, "dark"],
  ] as const)(
    "at %i pixels, %s: a direct message is answered, and nothing overflows sideways",
    async (width, scheme) => {
      const { page, faults } = await open(width, scheme);
      await page.locator("#rooms button").nth(3).click();
      await page.locator("#text").fill(`hello from ${width} ${scheme}`);
      await page.locator("#text").press("Enter");
      await page.getByText("(demo model)").first().waitFor();
      const overflow = await page.evaluate(
        "document.documentElement.scrollWidth - window.innerWidth",
      );
      expect(overflow).toBeLessThanOrEqual(0);
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});
