import type { Attachment } from "../../src/relay/message.ts";
import { type Names, toMarkdown } from "./text.ts";

/** What a message shows, whether it came over the gateway or was asked for. */
export interface Content {
  /** Discord's own Markdown, with its tokens. */
  readonly text: string;
  readonly stickers: readonly { readonly name: string }[];
  /** Left out where Discord itself made them from a link. */
  readonly embeds: readonly Embed[];
  readonly files: readonly Attachment[];
  /** Messages that it forwards. */
  readonly forwarded: readonly Content[];
}

interface Embed {
  readonly title?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly fields?: readonly { readonly name: string; readonly value: string }[] | undefined;
}

/** As Markdown, without the mentions of `own`; stickers are named, and what was forwarded is quoted. */
export function readText(content: Content, own: readonly string[], names: Names): string {
  return [
    toMarkdown(content.text, own, names),
    ...content.embeds.map((embed) => toMarkdown(embedText(embed), own, names)),
    ...content.stickers.map(({ name }) => `(sticker: ${name})`),
    ...content.forwarded.map((message) => quote(readText(message, [], names))),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Its own files, voice messages among them, and those of what it forwards. */
export function readFiles({ files, forwarded }: Content): Attachment[] {
  return [...files, ...forwarded.flatMap(readFiles)];
}

function embedText({ title, description, fields = [] }: Embed): string {
  const named = fields.map(({ name, value }) => `${name}: ${value}`);
  return [title, description, ...named].filter((line) => line).join("\n");
}

function quote(text: string): string {
  return text === "" ? "Forwarded message." : `Forwarded message:\n${text.replaceAll(/^/gm, "> ")}`;
}
