import { expect, test } from "vitest";

import { faultsOf } from "./settings-text.ts";

/** What a file holds, and its one fault: place, what is wrong, and after the … the way out. */
test.each([
  [
    "an open bracket",
    "admins: [slack:U012AB3CD,\naudience: {}\n",
    "2:1: the YAML cannot be read: … ; ",
  ],
  [
    "a tab",
    "limits:\n\tturn_seconds: 5\n",
    "2:1: the YAML cannot be read: Tabs … indent with spaces.",
  ],
  ["a second document", "admins: []\n---\nlimits: {}\n", "2:1: … keep one document"],
  ["an alias", "admins: &a [slack:U012AB3CD]\nchannels: *a\n", "2:11: *a is an alias … write out"],
  ["a tag", "time_zone: !env TZ\n", "1:12: the YAML … remove the tag"],
  [
    "a key twice",
    "admins: []\nadmins: []\n",
    "2:1: the key admins stands here a second time … keep one",
  ],
  ["a list as the file", "- admins\n", "1:1: the file is a list; … it must be a mapping"],
  [
    "a mistyped key",
    "assistents: {}\n",
    "1:1: the key assistents is unknown; … did you mean assistants?",
  ],
  [
    "a key in another style",
    "limits:\n  turnSeconds: 30\n",
    "2:3: the key turnSeconds under limits is unknown; … did you mean turn_seconds?",
  ],
  [
    "a key in the wrong place",
    "turn_seconds: 30\n",
    "1:1: the key turn_seconds is unknown; … it belongs under limits.",
  ],
  [
    "a key that nothing resembles",
    "audience: { zebra: 1 }\n",
    "1:13: the key zebra under audience is unknown; … the keys here are guests, external, direct_messages.",
  ],
  [
    "a key of an assistant",
    "assistants: { a: { instruction: x } }\n",
    "1:20: the key instruction under assistants.a is unknown; … did you mean instructions?",
  ],
  [
    "a secret",
    "slack_bot_token: xoxb-1234567890\n",
    "1:1: the key slack_bot_token is unknown; … the environment",
  ],
  [
    "a wrong type",
    "audience:\n  guests: yes\n",
    "2:11: audience.guests is yes; … it must be true or false.",
  ],
  ["a scalar for a mapping", "limits: none\n", "1:9: limits is none; … it must be a mapping"],
  [
    "a mapping for a text",
    "assistants: { a: { instructions: { b: c } } }\n",
    "1:34: assistants.a.instructions is a mapping; … put it into quotes",
  ],
  [
    "a scalar for a list",
    "assistants: { a: { tools: x } }\n",
    "1:27: assistants.a.tools is x; … it must be a list",
  ],
  [
    "an unknown word",
    'channels: { "slack:#a": { answer: mentions } }\n',
    '1:35: channels."slack:#a".answer is mentions; … did you mean mention?',
  ],
  [
    "a person by name",
    "admins: [slack:U012AB3CD, slack:@ana]\n",
    "1:27: admins is slack:@ana; … Copy member ID",
  ],
  [
    "a bare id",
    "admins: [80351110224678912]\n",
    '1:10: admins is 80351110224678912; … "discord:" with a user id',
  ],
  [
    "a space after the colon",
    "admins: [discord: 80351110224678912]\n",
    "1:10: admins is a mapping; … without a space after the colon",
  ],
  [
    "a token for a person",
    "admins: [xoxb-12345678]\n",
    "1:10: admins is a secret; … Copy member ID",
  ],
  [
    "a channel without #",
    "channels:\n  slack:incidents: {}\n",
    '2:3: the key slack:incidents under channels is not valid; … "slack:#name"',
  ],
  [
    "a platform alone",
    "channels:\n  slack: #incidents\n",
    '2:3: the key slack under channels is not valid; … "slack:#name"',
  ],
  [
    "a short id",
    "channels: { 'discord:1234': {} }\n",
    "1:13: the key 'discord:1234' under channels is not valid; … discord:80351110224678912",
  ],
  [
    "an id as a number",
    "channels:\n  80351110224678912: {}\n",
    '2:3: the key 80351110224678912 under channels is not valid; … "discord:name"',
  ],
  [
    "a channel twice",
    "channels:\n  'discord:#Ops': {}\n  discord:ops: {}\n",
    "3:3: the key discord:ops under channels means the same channel as discord:#Ops; … keep one",
  ],
  [
    "an assistant that is not there",
    "assistants: { oncall: {} }\nchannels: { 'slack:#a': { assistant: onkall } }\n",
    '2:38: channels."slack:#a".assistant is onkall; … did you mean oncall?',
  ],
  [
    "a missing file",
    "assistants:\n  a: { instructions_file: gone.md }\n",
    "2:27: assistants.a.instructions_file is gone.md; … /etc/patchbay/gone.md does not exist; correct the path",
  ],
  [
    "instructions twice",
    "assistants:\n  a: { instructions: x, instructions_file: oncall.md }\n",
    "2:25: the key instructions_file under assistants.a cannot stand beside instructions; … keep one",
  ],
  [
    "money without a currency",
    "limits: { per_day: 20 }\n",
    "1:20: limits.per_day is 20; … such as 20 EUR",
  ],
  ["money in a sign", "limits: { per_day: 20 € }\n", "1:20: limits.per_day is 20 €; … 20 EUR"],
  [
    "money of no country",
    "limits: { per_day: 20 ZZZ }\n",
    "1:20: limits.per_day is 20 ZZZ; … ISO 4217",
  ],
  [
    "too little",
    "limits: { turn_seconds: 9 }\n",
    "1:25: limits.turn_seconds is 9; … it must be a whole number from 10 to 3,600.",
  ],
  [
    "too much",
    "limits: { turn_seconds: 3601 }\n",
    "1:25: limits.turn_seconds is 3601; … from 10 to 3,600.",
  ],
  [
    "half a question",
    "limits: { per_person_per_hour: 0.5 }\n",
    "1:32: limits.per_person_per_hour is 0.5; … a whole number from 1 to",
  ],
  [
    "a number in quotes",
    "catch_up: { messages: '50' }\n",
    "1:23: catch_up.messages is '50'; … a whole number from 0 to 200.",
  ],
  [
    "an hour that never comes",
    "direct_messages: { fresh_after_hours: .inf }\n",
    "1:39: direct_messages.fresh_after_hours is .inf; … a number from 0.1 to 8,760.",
  ],
  [
    "a mistyped time zone",
    "time_zone: Europe/Berln\n",
    "1:12: time_zone is Europe/Berln; … (did you mean Europe/Berlin?).",
  ],
])("%s is reported with its place and the way out", async (_name, text, expected) => {
  const [fault = "", ...others] = await faultsOf(text);
  expect(others).toEqual([]);
  const [begin = "", way = ""] = expected.split(" … ");
  expect(fault).toContain(`patchbay.yml:${begin}`);
  expect(fault.slice(fault.indexOf(";"))).toContain(way);
});
