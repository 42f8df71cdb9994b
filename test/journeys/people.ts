import type { DiscordMessage, DiscordSimulator } from "../../simulator/discord/index.ts";
import type { SlackMessage, SlackSimulator } from "../../simulator/slack/index.ts";

/** What journeys say and see, in the same words on both platforms. */
export interface Chat {
  readonly name: "slack" | "discord";
  /** Mentions the bot in the team's channel; the answer's conversation is that message's own. */
  ask(text: string): Question;
}

export interface Question {
  /** Goes on in the same conversation. */
  follow(text: string, person?: 0 | 1): void;
  /** The bot's messages that answer, oldest first. */
  answers(): string[];
  /** Resolves when a file below the answers has this content. */
  untilFile(is: (content: string) => boolean): Promise<void>;
  /** Resolves when the answers fulfil this. */
  until(fulfilled: (answers: readonly string[]) => boolean): Promise<void>;
}

/** Milliseconds until a test gives up; it waits for the event, not for the time. */
const PATIENCE = 20_000;

export function slackChat(slack: SlackSimulator): Chat {
  const channel = slack.world.channels.values().find((one) => one.type === "channel")?.id ?? "";
  const people = [...slack.world.users.values()].filter((one) => !one.is_bot).map((one) => one.id);
  const bot = slack.world.bot.user_id;
  return {
    name: "slack",
    ask(text) {
      const asked = slack.say({ channel, user: people[0] ?? "", text: `<@${bot}> ${text}` });
      const ours = (): SlackMessage[] =>
        slack.thread(channel, asked.ts).filter((message) => message.user === bot);
      return {
        follow: (more, person = 0) =>
          void slack.say({
            channel,
            user: people[person] ?? "",
            text: person === 0 ? more : `<@${bot}> ${more}`,
            thread_ts: asked.ts,
          }),
        answers: () => textsOf(ours()),
        untilFile: async (is) =>
          void (await slack.waitFor(
            () =>
              ours().some((message) => message.files.some((file) => is(file.content.toString()))),
            PATIENCE,
          )),
        until: async (fulfilled) =>
          void (await slack.waitFor(() => fulfilled(textsOf(ours())), PATIENCE)),
      };
    },
  };
}

export function discordChat(discord: DiscordSimulator): Chat {
  const channel = discord.channel("ops");
  const people = [discord.user("Ana"), discord.user("Lee")];
  const bot = discord.world.bot.id;
  return {
    name: "discord",
    ask(text) {
      const asked = discord.say({ channel, user: people[0] ?? "", text: `<@${bot}> ${text}` });
      let last: DiscordMessage = asked;
      const ours = (): DiscordMessage[] =>
        discord
          .messages(channel)
          .filter((message) => message.user === bot && BigInt(message.id) > BigInt(asked.id));
      return {
        follow: (more, person = 0) => {
          last = discord.say({
            channel,
            user: people[person] ?? "",
            text: `<@${bot}> ${more}`,
            replyTo: last,
          });
        },
        answers: () => contentsOf(ours()),
        untilFile: async (is) =>
          void (await discord.waitFor(
            () =>
              ours().some((message) =>
                message.files.some((file) => is(new TextDecoder().decode(file.content))),
              ),
            PATIENCE,
          )),
        until: async (fulfilled) =>
          void (await discord.waitFor(() => fulfilled(contentsOf(ours())), PATIENCE)),
      };
    },
  };
}

/** A message that only brings a file is no part of the answer's text. */
function textsOf(messages: readonly SlackMessage[]): string[] {
  return messages.filter((message) => message.files.length === 0).map((message) => message.text);
}

function contentsOf(messages: readonly DiscordMessage[]): string[] {
  return messages.filter((message) => message.files.length === 0).map((message) => message.content);
}
