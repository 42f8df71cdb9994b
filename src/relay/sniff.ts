/** What a file is by its own bytes: names and declared types are only claims. */
export type Kind =
  | { readonly type: "image"; readonly mime: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "other" };

const IMAGES: readonly {
  readonly mime: string;
  readonly at: number;
  readonly magic: readonly number[];
}[] = [
  { mime: "image/png", at: 0, magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mime: "image/jpeg", at: 0, magic: [0xff, 0xd8, 0xff] },
  { mime: "image/gif", at: 0, magic: [0x47, 0x49, 0x46, 0x38] },
  { mime: "image/webp", at: 8, magic: [0x57, 0x45, 0x42, 0x50] },
];
/** Documents that are text inside but no use as such. */
const BINARY_TEXT = ["%PDF-", "{\\rtf"];

export function sniff(bytes: Uint8Array): Kind {
  const image = IMAGES.find(({ at, magic }) =>
    magic.every((byte, index) => bytes[at + index] === byte),
  );
  if (image !== undefined) return { type: "image", mime: image.mime };
  const text = decode(bytes);
  return text === undefined || BINARY_TEXT.some((start) => text.startsWith(start))
    ? { type: "other" }
    : { type: "text", text };
}

/** UTF-8 or UTF-16 with a byte order mark; undefined for anything that holds a NUL or is not valid. */
function decode(bytes: Uint8Array): string | undefined {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
