import { PlatformRefused } from "../../src/errors.ts";

/** Why a file cannot be had, in the codes that the port names. */

/** In place of a file that the app may not read, Slack gives the page on which people sign in. */
export function loginPage(cause?: unknown): PlatformRefused {
  return new PlatformRefused(
    "Slack does not let the app read files: it lacks the scope files:read.",
    "login_page",
    { cause },
  );
}

export function notFound(cause?: unknown): PlatformRefused {
  return new PlatformRefused("Slack has the file no more.", "not_found", { cause });
}

export function tooLarge(maxBytes: number): PlatformRefused {
  return new PlatformRefused(`The file has more than ${maxBytes} bytes.`, "too_large");
}

export function foreignHost(host: string | undefined): PlatformRefused {
  return new PlatformRefused(
    `A file lies at ${host ?? "no address"}, which is not Slack's.`,
    "foreign_host",
  );
}
