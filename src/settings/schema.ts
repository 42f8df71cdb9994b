import type { OpenAI } from "openai";
import { z } from "zod";

import { CHANNEL, PERSON } from "./keys.ts";
import { nearest } from "./nearest.ts";

/**
 * The schema of patchbay.yml, and its only source: patchbay.schema.json is made from it (make-schema.ts), with the
 * descriptions that editors show. Messages complete `<key> is <what stands there>; it must be …`.
 */

const EFFORTS = [
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
] as const satisfies readonly OpenAI.ReasoningEffort[];

const within = (least: number, most: number) =>
  `from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`;
const whole = (least: number, most: number) => {
  const error = `it must be a whole number ${within(least, most)}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const number = (least: number, most: number) => {
  const error = `it must be a number ${within(least, most)}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};
const text = (most: number) =>
  z
    .string()
    .regex(/\S/, "it must hold some text; write it, or remove the key")
    .max(most, `it must have at most ${most.toLocaleString("en")} characters`);

const PERSON_ERROR =
  'it must be "slack:" with a member id such as slack:U012AB3CD (profile → Copy member ID), or "discord:" with a user id such as discord:80351110224678912 (developer mode → Copy User ID), without a space after the colon';
const person = z.string({ error: PERSON_ERROR }).regex(PERSON, { error: PERSON_ERROR });

const MONEY_ERROR = "it must be an amount and a currency such as 20 EUR or 7.50 USD";

const audience = z.strictObject({
  guests: z
    .boolean()
    .default(false)
    .describe(
      "Whether guests of the workspace are answered (Slack's single- and multi-channel guests).",
    ),
  external: z
    .boolean()
    .default(false)
    .describe("Whether people from other organisations are answered (Slack Connect)."),
  direct_messages: z
    .enum(["members", "anyone", "off"])
    .default("members")
    .describe(
      "Whose direct messages are answered: members of the workspace or of a server that the bot is on, anyone, or nobody (off).",
    ),
});

const assistant = z
  .strictObject({
    name: text(256)
      .optional()
      .describe("What the assistant is called. Patchbay for `default`, else the assistant's key."),
    model: text(256)
      .optional()
      .describe("The model's name at the model endpoint. OPENAI_MODEL where it is not given."),
    instructions: text(256_000)
      .optional()
      .describe("What the model is told about its job. Not together with instructions_file."),
    instructions_file: text(4_096)
      .optional()
      .describe(
        "A text file with the instructions; its path counts from this file's folder. It is read again when it changes.",
      ),
    tools: z
      .array(
        z
          .string()
          .regex(
            /^(?:\*|[A-Za-z0-9_-]{1,64})$/,
            'it must be a tool\'s function name such as ticket_lookup, or "*" for all tools',
          ),
      )
      .default(["*"])
      .describe('Function names of the tools that are offered; ["*"] for all, [] for none.'),
    temperature: number(0, 2)
      .optional()
      .describe("Sampling temperature from 0 to 2, for models that know it."),
    reasoning_effort: z
      .enum(EFFORTS)
      .optional()
      .describe("How long a reasoning model thinks before it answers, for models that know it."),
  })
  .prefault({})
  .describe("An assistant: a model with its instructions and tools.");

const channel = z
  .strictObject({
    assistant: z
      .string()
      .default("default")
      .describe("Which of the assistants above answers in this channel."),
    answer: z
      .enum(["mention", "thread", "all"])
      .default("thread")
      .describe(
        "mention: only when it is mentioned or replied to. thread: also without a mention in a thread that it has replied in, as long as one person alone has written there. all: every message.",
      ),
    conversation: z
      .enum(["thread", "channel"])
      .optional()
      .describe(
        "thread: each question has a thread of its own; on Discord the answer opens it. channel: the whole channel is one conversation. Where it is not given: threads on Slack; on Discord the thread, or the chain of replies.",
      ),
  })
  .prefault({})
  .describe("What is different in one channel.");

const limits = z.strictObject({
  per_person_per_hour: whole(1, 100_000)
    .optional()
    .describe("Questions that one person may ask per hour. No such limit where it is not given."),
  per_day: z
    .string({ error: MONEY_ERROR })
    .regex(/^(?:0\.(?:0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,8}(?:\.[0-9]{1,2})?) [A-Z]{3}$/, {
      error: MONEY_ERROR,
      abort: true,
    })
    .refine((money) => Intl.supportedValuesOf("currency").includes(money.slice(-3)), {
      error: "its currency must be a code of ISO 4217 such as EUR or USD",
    })
    .optional()
    .describe(
      "What the whole bot may spend on models per day, such as 20 EUR. No such limit where it is not given.",
    ),
  turn_seconds: whole(10, 3_600)
    .default(600)
    .describe("Seconds that answering one question may take, tools included; 10 to 3,600."),
});

const conversationWithOne = z.strictObject({
  fresh_after_hours: number(0.1, 8_760)
    .default(24)
    .describe(
      "A direct message that comes after so many idle hours starts afresh, as after `new`; 0.1 to 8,760.",
    ),
});

const catchUp = z.strictObject({
  messages: whole(0, 200)
    .default(50)
    .describe(
      "How many earlier messages of a thread are read when the bot is mentioned in its middle; 0 switches it off, at most 200.",
    ),
  characters: whole(0, 200_000)
    .default(20_000)
    .describe("How much text of those messages is read at most; the newest are kept."),
});

const timeZone = z
  .string()
  .refine(isTimeZone, {
    error: ({ input }) => {
      const meant = nearest(String(input), Intl.supportedValuesOf("timeZone"));
      const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
      return `it must be a time zone of the IANA database such as Europe/Berlin${hint}`;
    },
  })
  .optional()
  .describe("The time zone of dates that the model is told. This machine's where it is not given.");

export const schema = z
  .strictObject({
    admins: z
      .array(person)
      .default([])
      .describe(
        "Who may change things from the chat: slack:<member id> and discord:<user id>. Names are not accepted, because people choose them.",
      ),
    audience: audience
      .prefault({})
      .describe("Who is answered besides the members of the workspace or server."),
    assistants: z
      .record(
        z
          .string()
          .regex(
            /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
            "it must begin with a letter and go on with letters, digits, - and _, 64 at most",
          ),
        assistant,
      )
      .default({})
      .describe("Assistants by key. `default` always exists and answers where no other is named."),
    channels: z
      .record(
        z.string().regex(CHANNEL, {
          error:
            'it must be "slack:#name", slack:C012AB3CD, "discord:name" or "discord:80351110224678912"; with a team or server where names repeat: "slack:T012AB3CD/#name", "discord:80351110224678912/name"',
        }),
        channel,
      )
      .default({})
      .describe(
        'Channels that differ from the rest: "slack:#name", slack:C012AB3CD, "discord:name" or "discord:<channel id>". An id goes before a name; a Discord thread follows its channel.',
      ),
    limits: limits.prefault({}).describe("How much the bot may be used."),
    time_zone: timeZone,
    direct_messages: conversationWithOne
      .prefault({})
      .describe("How conversations in direct messages go."),
    catch_up: catchUp
      .prefault({})
      .describe("What is read of a thread in whose middle the bot is mentioned."),
  })
  .describe("Settings of Patchbay (patchbay.yml). Secrets belong in the environment, not here.");

/** What stands in a file that has no fault, with the defaults put in. */
export type SettingsInput = z.output<typeof schema>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
