-- What people wrote, the turns that answer it, and what was posted.

-- One row for each message that concerns the bot. Its id is also the id of its pg-boss job.
create table incoming (
  id uuid primary key,
  conversation text not null,
  -- The platform's own id; reply chains are resolved by it.
  message_id text not null,
  message jsonb not null,
  state text not null default 'queued' check (state in ('queued', 'taken', 'answered', 'dropped')),
  -- The turn that answers it: the id of the oldest message that this turn answers.
  turn_id uuid,
  received_at timestamptz not null default now()
);
create index incoming_queued on incoming (conversation, id) where state = 'queued';
create index incoming_turn on incoming (turn_id) where turn_id is not null;
create index incoming_message on incoming (message_id);

-- From intake to the final edit. The id is that of its head, the oldest message that it answers.
create table turn (
  id uuid primary key references incoming (id),
  conversation text not null,
  -- pg-boss's retry count when it was claimed: the fence that every write of an attempt carries.
  attempt integer not null,
  -- The process that holds it (a session advisory lock).
  owner bigint not null,
  state text not null check (state in ('running', 'released', 'done', 'failed')),
  thread_id text,
  run_id text,
  -- Runs started for it: an interrupted run is followed by one new one.
  runs integer not null default 0,
  -- Attempts that ended in an error of ours, as opposed to a process that died.
  failures integer not null default 0,
  error text,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create index turn_running on turn (owner) where state = 'running';
create index turn_conversation on turn (conversation);

-- The ledger: a part's intent is written before it is posted, its reference after.
create table reply_part (
  turn_id uuid not null references turn (id) on delete cascade,
  index integer not null,
  nonce text not null,
  reference text,
  -- Characters that people see in it.
  shown integer not null default 0,
  intended_at timestamptz not null default now(),
  primary key (turn_id, index)
);
create index reply_part_reference on reply_part (reference);

-- Recorded before a tool starts, and its output after, so that a call is not repeated by accident.
create table tool_call (
  run_id text not null,
  id text not null,
  turn_id uuid not null references turn (id) on delete cascade,
  name text not null,
  arguments text not null,
  risk text not null,
  output text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (run_id, id)
);

-- "Known in the conversation" means having written in it.
create table participant (
  conversation text not null,
  person text not null,
  first_at timestamptz not null default now(),
  primary key (conversation, person)
);

-- Keyv would make its tables itself; made here, processes that start together do not race for it.
create table keyv_thread (key varchar(255) primary key, value text);
