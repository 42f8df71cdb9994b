import { readFile } from "node:fs/promises";

import { messageOf } from "../errors.ts";

/** What a tool gets to see of the environment. */
export interface Variables {
  readonly secrets: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  /** Values that may not get into an output or a log. */
  readonly hidden: readonly string[];
}

/** NAME_FILE of a secret names a file that cannot be read. */
class UnreadableSecret extends Error {
  override readonly name = "UnreadableSecret";
}

// A token that a tool can do without is a setting, and has to be kept as secret as one that it needs.
const SECRET = /(^|_)(TOKEN|SECRET|PASSWORD|KEY)$/;

/** Empty variables count as absent; a secret may stand in a file that NAME_FILE names. Throws UnreadableSecret. */
export async function readVariables(
  tool: { readonly secrets: readonly string[]; readonly settings: readonly string[] },
  env: Readonly<Record<string, string | undefined>>,
): Promise<Variables> {
  const secrets: Record<string, string> = {};
  const settings: Record<string, string> = {};
  const hidden: string[] = [];
  for (const name of tool.secrets) {
    const value = given(env, name) ?? (await fromFile(env, name));
    if (value !== undefined) hidden.push((secrets[name] = value));
  }
  for (const name of tool.settings) {
    const secret = SECRET.test(name);
    const value = given(env, name) ?? (secret ? await fromFile(env, name) : undefined);
    if (value === undefined) continue;
    settings[name] = value;
    if (secret) hidden.push(value);
  }
  return { secrets, settings, hidden };
}

function given(env: Readonly<Record<string, string | undefined>>, name: string) {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}

async function fromFile(env: Readonly<Record<string, string | undefined>>, name: string) {
  const file = given(env, `${name}_FILE`);
  if (file === undefined) return undefined;
  try {
    return given({ [name]: await readFile(file, "utf8") }, name);
  } catch (error) {
    throw new UnreadableSecret(
      `${name}_FILE names a file that cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
