import type { APIRole, GatewayGuildCreateDispatchData, Locale } from "discord-api-types/v10";

import { iso, type Payloads } from "./payloads.ts";
import type { World } from "./world.ts";

/** Every permission that a role can hold in these years. */
const EVERYTHING = "2251799813685247";

const NO_FLAGS: number = 0;

/** The published type wants the members of an enum, of which only the types are installed at run time. */
type GuildCreate = Omit<GatewayGuildCreateDispatchData, "preferred_locale"> & {
  preferred_locale: `${Locale}`;
};

/** The whole server, as GUILD_CREATE brings it after READY. */
export function guildCreate(world: World, payloads: Payloads): GuildCreate {
  const { guild, bot } = world;
  const members = [...world.users.values()].filter(
    ({ kind }) => kind === "member" || kind === "bot",
  );
  const channels = [...world.channels.values()];
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: members.find(({ kind }) => kind === "member")?.id ?? bot.id,
    region: "",
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    roles: [role(guild.id, "@everyone"), role(guild.botRole, bot.name, bot.id)],
    emojis: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: NO_FLAGS,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: 0,
    preferred_locale: "en-US",
    public_updates_channel_id: null,
    nsfw_level: 0,
    stickers: [],
    premium_progress_bar_enabled: false,
    hub_type: null,
    safety_alerts_channel_id: null,
    incidents_data: null,
    joined_at: iso(guild.id),
    large: false,
    unavailable: false,
    member_count: members.length,
    members: members.filter(({ id }) => id === bot.id).map(payloads.member),
    channels: channels.filter(({ type }) => type === "text").map(payloads.text),
    threads: channels
      .filter(({ type, archived }) => type === "thread" && !archived)
      .map(payloads.thread),
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** A role; with a bot it is the one that Discord manages for that bot. */
function role(id: string, name: string, bot?: string): APIRole {
  return {
    id,
    name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    position: bot === undefined ? 0 : 1,
    permissions: EVERYTHING,
    managed: bot !== undefined,
    mentionable: bot !== undefined,
    flags: NO_FLAGS,
    ...(bot !== undefined && { tags: { bot_id: bot } }),
  };
}
