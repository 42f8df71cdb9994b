import type OpenAI from "openai";

import { messageOf, PlatformRefused } from "../errors.ts";
import type { Log } from "../log.ts";
import { oneLine } from "./context.ts";
import type { Attachment } from "./message.ts";
import type { Reader } from "./platform.ts";
import { sniff } from "./sniff.ts";

type Content = OpenAI.Beta.Threads.MessageContentPartParam;

/** What the model is given of people's files, and what people are told of the rest: nothing is dropped in silence. */
export interface ReadFiles {
  /** Before the words they came with: each text file quoted, then the images. */
  readonly texts: readonly string[];
  readonly images: readonly Content[];
  /** One sentence for each file that was not read, or not whole. */
  readonly notes: readonly string[];
}

/** Bytes. Models take images of up to 20 MB; a picture of a screen has a tenth of that. */
const IMAGE_BYTES = 8_000_000;
/** Bytes of a text file that are fetched, and characters of it that the model gets. */
const TEXT_BYTES = 8_000_000;
const TEXT_CHARACTERS = 60_000;
/** Files of one message that are looked at. */
const FILES = 20;
/** Types that are never read; asking for them would only cost time. */
const NEVER = /^(?:video|audio)\/|zip|compressed|x-tar|x-7z|rar|octet-stream\+encrypted/;

export async function readFiles(
  reader: Reader,
  files: readonly Attachment[],
  log: Log,
  signal: AbortSignal,
): Promise<ReadFiles> {
  const read = await Promise.all(
    files.slice(0, FILES).map((file) => readFile(reader, file, log, signal)),
  );
  const late = files
    .slice(FILES)
    .map((file) => `${nameOf(file)} was not read: a message may bring ${FILES} files.`);
  return {
    texts: read.flatMap((one) => one.text ?? []),
    images: read.flatMap((one) => one.image ?? []),
    notes: [...read.flatMap((one) => one.note ?? []), ...late],
  };
}

interface ReadFile {
  readonly text?: string;
  readonly image?: Content;
  readonly note?: string;
}

async function readFile(
  reader: Reader,
  file: Attachment,
  log: Log,
  signal: AbortSignal,
): Promise<ReadFile> {
  const name = nameOf(file);
  if (NEVER.test(file.type))
    return { note: `${name} was not read: I read images and text files only.` };
  try {
    const bytes = await reader.download(file, Math.max(IMAGE_BYTES, TEXT_BYTES), signal);
    const kind = sniff(bytes);
    if (kind.type === "other")
      return { note: `${name} was not read: I read images and text files only.` };
    if (kind.type === "text") return quoteText(name, kind.text);
    const url = `data:${kind.mime};base64,${Buffer.from(bytes).toString("base64")}`;
    return { image: { type: "image_url", image_url: { url } } };
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ file: file.id, error: messageOf(error) }, "a file could not be read");
    return { note: `${name} was not read: ${whyNot(error)}` };
  }
}

function quoteText(name: string, text: string): ReadFile {
  const whole = text.length <= TEXT_CHARACTERS;
  const shown = whole ? text : text.slice(0, TEXT_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  // A fence longer than any in the file, so that nothing in it can end the quotation.
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return {
    text: `[Attached file ${JSON.stringify(name)}, quoted]\n${fence}\n${shown}\n${fence}`,
    ...(!whole && {
      note: `Of ${name} I read the first ${TEXT_CHARACTERS.toLocaleString("en")} characters only.`,
    }),
  };
}

/** The codes are the Reader port's. */
function whyNot(error: unknown): string {
  switch (error instanceof PlatformRefused ? error.code : undefined) {
    case "too_large":
      return "it is larger than 8 MB.";
    case "login_page":
      return "Slack sent a login page in its place. The app lacks the scope files:read; an admin can add it and reinstall the app.";
    case "not_found":
      return "it is not there any more.";
    case "foreign_host":
      return "it lies outside of the platform.";
    default:
      return "it could not be downloaded.";
  }
}

function nameOf(file: Attachment): string {
  return oneLine(file.name).slice(0, 120);
}
