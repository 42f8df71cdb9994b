import { readFile, stat } from "node:fs/promises";

/** Bytes. Instructions of an assistant end at 256,000 characters. */
const LARGEST = 1_048_576;

/** A file whose text cannot be had. The message is half a sentence: `does not exist`. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  readonly missing: boolean;

  constructor(message: string, missing: boolean, options?: ErrorOptions) {
    super(message, options);
    this.missing = missing;
  }
}

/** Reads UTF-8 text of at most 1 MiB, without a byte order mark; throws Unreadable where that cannot be had. */
export async function readTextFile(path: string, signal?: AbortSignal): Promise<string> {
  let bytes: Uint8Array;
  try {
    const kind = await stat(path);
    // Docker makes a folder where the file that is mounted does not exist.
    if (kind.isDirectory()) throw new Unreadable("is a folder", false);
    // A pipe or a device would never end.
    if (!kind.isFile()) throw new Unreadable("is no ordinary file", false);
    if (kind.size > LARGEST) throw new Unreadable("is larger than 1 MiB", false);
    bytes = await readFile(path, signal === undefined ? {} : { signal });
  } catch (error) {
    if (error instanceof Unreadable || signal?.aborted === true) throw error;
    throw explain(error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Unreadable("is no UTF-8 text", false, { cause: error });
  }
}

function explain(error: unknown): Unreadable {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR")
    return new Unreadable("does not exist", true, { cause: error });
  if (code === "EACCES" || code === "EPERM")
    return new Unreadable("may not be read by this process", false, { cause: error });
  return new Unreadable(`cannot be read (${String(code ?? error)})`, false, { cause: error });
}
