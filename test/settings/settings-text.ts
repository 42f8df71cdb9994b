import { expect } from "vitest";

import { SettingsFault } from "../../src/settings/fault.ts";
import { parseSettings } from "../../src/settings/parse.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { Unreadable } from "../../src/settings/text-file.ts";

const FILES = new Map([["/etc/patchbay/oncall.md", "Stay calm.\n"]]);
const read = async (name: string): Promise<string> => {
  const text = FILES.get(name);
  if (text === undefined) throw new Unreadable("does not exist", true);
  return text;
};
/** Reads a settings text as if it lay beside oncall.md, the only other file in the world. */
export const parse = (text: string): Promise<Settings> =>
  parseSettings(text, { file: "patchbay.yml", dir: "/etc/patchbay", read });

export async function faultsOf(text: string): Promise<readonly string[]> {
  const fault: unknown = await parse(text).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(SettingsFault);
  return fault instanceof SettingsFault ? fault.faults : [];
}
