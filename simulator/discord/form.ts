import type { APIEmbed } from "discord-api-types/v10";

import { refuse, refuseForm } from "./refusal.ts";
import type { Upload } from "./router.ts";

/** Discord's limits, which its types do not express. Lengths are UTF-16 units, the strictest reading. */
const CONTENT = 2000;
const NONCE = 25;
const EMBEDS = 10;
const EMBED_TEXT = 6000;
const EMBED_PARTS = { title: 256, description: 4096 } as const;
const FILES = 10;
const FILE_BYTES = 10 * 2 ** 20;
const REQUEST_BYTES = 25 * 2 ** 20;
const CUSTOM_ID = 100;

interface Form {
  readonly content?: string | null | undefined;
  readonly nonce?: string | number | undefined;
  readonly embeds?: readonly APIEmbed[] | null | undefined;
  readonly components?: readonly object[] | null | undefined;
}

/** Throws the refusal that Discord gives to a message that is too long, too big or has too many parts. */
export function checkForm(form: Form, files: readonly Upload[]): void {
  tooLong(["content"], form.content, CONTENT);
  tooLong(["nonce"], form.nonce === undefined ? undefined : String(form.nonce), NONCE);
  const embeds = form.embeds ?? [];
  if (embeds.length > EMBEDS) throw refuseForm(["embeds"], "BASE_TYPE_MAX_LENGTH", "At most 10.");
  let total = 0;
  for (const [index, embed] of embeds.entries()) {
    for (const part of ["title", "description"] as const) {
      tooLong(["embeds", String(index), part], embed[part], EMBED_PARTS[part]);
    }
    total += lengthOf(embed);
  }
  if (total > EMBED_TEXT) {
    throw refuseForm(["embeds"], "MAX_EMBED_SIZE_EXCEEDED", "Embeds hold 6000 characters at most.");
  }
  for (const id of customIds(form.components ?? [])) tooLong(["components"], id, CUSTOM_ID);
  checkFiles(files);
}

function checkFiles(files: readonly Upload[]): void {
  if (files.length > FILES)
    throw refuseForm(["attachments"], "BASE_TYPE_MAX_LENGTH", "At most 10.");
  const sizes = files.map(({ content }) => content.length);
  const sum = sizes.reduce((whole, size) => whole + size, 0);
  if (sum > REQUEST_BYTES || sizes.some((size) => size > FILE_BYTES)) throw refuse(40005);
}

function tooLong(path: readonly string[], text: string | null | undefined, limit: number): void {
  if ((text ?? "").length <= limit) return;
  throw refuseForm(path, "BASE_TYPE_MAX_LENGTH", `Must be ${limit} or fewer in length.`);
}

function lengthOf({ title = "", description = "", fields = [], footer, author }: APIEmbed): number {
  const texts = [title, description, footer?.text ?? "", author?.name ?? ""];
  for (const { name, value } of fields) texts.push(name, value);
  return texts.join("").length;
}

/** Every custom_id within these components, however deep. */
export function customIds(components: unknown): string[] {
  if (Array.isArray(components)) return components.flatMap((part: unknown) => customIds(part));
  if (typeof components !== "object" || components === null) return [];
  return Object.entries(components).flatMap(([key, value]: [string, unknown]) =>
    key === "custom_id" && typeof value === "string" ? [value] : customIds(value),
  );
}
