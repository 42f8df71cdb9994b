import type { PlatformName } from "../relay/message.ts";

/** How people and channels are named in patchbay.yml. Also patterns of the JSON schema, so without flags. */
export const PERSON = /^(?:slack:[UW][A-Z0-9]{4,}|discord:[0-9]{15,20})$/;
/** A name of digits alone would be taken for a mistyped id; `discord:#2026` says that it is a name. */
export const CHANNEL =
  /^(?:slack:(?:[TE][A-Z0-9]{4,}\/)?(?:[CGD][A-Z0-9]{4,}|#[^\s#/]+)|discord:(?:[0-9]{15,20}\/)?(?:[0-9]{15,20}|#[^\s/][^/]*|(?![0-9]+$)[^\s#/][^/]*))$/;

export interface PersonKey {
  readonly platform: PlatformName;
  readonly id: string;
}

/** Exactly one of `id` and `name` is there; `name` is without # and in lower case. */
export interface ChannelKey {
  readonly platform: PlatformName;
  /** Slack team or Discord server; absent where any will do. */
  readonly workspace?: string;
  readonly id?: string;
  readonly name?: string;
}

/** `key` matches PERSON. */
export function parsePerson(key: string): PersonKey {
  const [platform, id] = cut(key);
  return { platform, id };
}

/** `key` matches CHANNEL. */
export function parseChannel(key: string): ChannelKey {
  const [platform, rest] = cut(key);
  const workspace = /^([A-Z0-9]+)\//.exec(rest)?.[1];
  const channel = workspace === undefined ? rest : rest.slice(workspace.length + 1);
  const isId = platform === "slack" ? !channel.startsWith("#") : /^[0-9]{15,20}$/.test(channel);
  return {
    platform,
    ...(workspace !== undefined && { workspace }),
    ...(isId ? { id: channel } : { name: plainName(channel) }),
  };
}

/** Names are compared without their # and without regard to case. */
export function plainName(name: string): string {
  return name.replace(/^#/, "").toLowerCase();
}

function cut(key: string): [PlatformName, string] {
  const platform = key.startsWith("slack:") ? "slack" : "discord";
  return [platform, key.slice(platform.length + 1)];
}
