-- The Assistants server's objects. Times are Unix seconds, as on the wire.
-- Columns hold json, not jsonb: jsonb reorders keys, and the order of a JSON schema's properties is the
-- order in which models answer; json also keeps characters that text cannot (U+0000).
-- Every list is ordered by (created_at, seq): seq settles what happened in the same second.

create table assistant (
  id text primary key,
  seq bigint generated always as identity,
  created_at bigint not null,
  name text,
  description text,
  model text not null,
  instructions text,
  tools json not null,
  tool_resources json not null,
  metadata json not null,
  temperature double precision,
  top_p double precision,
  response_format json,
  reasoning_effort text
);
create index assistant_list on assistant (created_at, seq);

create table thread (
  id text primary key,
  created_at bigint not null,
  tool_resources json not null,
  metadata json not null,
  -- What clients added, plus one for every run: the guard of the limit of messages per thread.
  message_count integer not null default 0
);

create table message (
  id text primary key,
  seq bigint generated always as identity,
  thread_id text not null references thread on delete cascade,
  created_at bigint not null,
  role text not null check (role in ('user', 'assistant')),
  status text not null check (status in ('in_progress', 'incomplete', 'completed')),
  incomplete_reason text check (
    incomplete_reason in ('content_filter', 'max_tokens', 'run_cancelled', 'run_expired', 'run_failed')
  ),
  completed_at bigint,
  incomplete_at bigint,
  content json not null,
  attachments json not null,
  metadata json not null,
  assistant_id text,
  run_id text
);
create index message_list on message (thread_id, created_at, seq);
create index message_of_run on message (run_id, created_at, seq) where run_id is not null;

-- What a model may see of a thread, newest first: messages that were finished, or that people saw in part.
-- What a failed run left behind, what a filter stopped and what the asking run wrote itself stay out.
-- The settings make the plan certain: without statistics of the table (an embedded database gathers none),
-- the planner would rather read and sort the whole thread.
create function visible_messages(
  of_thread text, asking_run text, before_time bigint, before_seq bigint, most integer
) returns setof message language sql stable
set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off
as $$
  select * from message
  where thread_id = of_thread and (created_at, seq) < (before_time, before_seq)
    and run_id is distinct from asking_run
    and (status = 'completed' or incomplete_reason in ('max_tokens', 'run_cancelled', 'run_expired'))
  order by created_at desc, seq desc limit most
$$;

create function oldest_visible_message(of_thread text, asking_run text)
returns setof message language sql stable
set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off
as $$
  select * from message
  where thread_id = of_thread and run_id is distinct from asking_run
    and (status = 'completed' or incomplete_reason in ('max_tokens', 'run_cancelled', 'run_expired'))
  order by created_at, seq limit 1
$$;

create table run (
  id text primary key,
  seq bigint generated always as identity,
  thread_id text not null references thread on delete cascade,
  assistant_id text not null,
  created_at bigint not null,
  status text not null check (
    status in ('queued', 'in_progress', 'requires_action', 'cancelling',
               'cancelled', 'failed', 'completed', 'incomplete', 'expired')
  ),
  started_at bigint,
  expires_at bigint not null,
  cancelled_at bigint,
  failed_at bigint,
  completed_at bigint,
  required_action json,
  last_error json,
  incomplete_details json,
  model text not null,
  instructions text not null,
  tools json not null,
  metadata json not null,
  temperature double precision,
  top_p double precision,
  max_prompt_tokens integer,
  max_completion_tokens integer,
  truncation_strategy json not null,
  tool_choice json not null,
  parallel_tool_calls boolean not null,
  response_format json not null,
  reasoning_effort text,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  -- The process that executes the run (store/owner.ts); null where none does, as in requires_action.
  owner bigint,
  -- Grows with every claim. An execution writes only while the run still has the fence it claimed.
  fence integer not null default 1,
  -- How often an execution of the present stretch was cut off by the death of its process.
  interruptions integer not null default 0
);
create index run_list on run (thread_id, created_at, seq);
-- At most one run of a thread is under way: this is the thread's lock.
create unique index run_active on run (thread_id)
  where status in ('queued', 'in_progress', 'requires_action', 'cancelling');
-- What the reaper looks through every second.
create index run_unfinished on run (status, owner)
  where status in ('queued', 'in_progress', 'requires_action', 'cancelling');

create table run_step (
  id text primary key,
  seq bigint generated always as identity,
  run_id text not null references run on delete cascade,
  thread_id text not null,
  assistant_id text not null,
  created_at bigint not null,
  type text not null check (type in ('message_creation', 'tool_calls')),
  status text not null check (status in ('in_progress', 'cancelled', 'failed', 'completed', 'expired')),
  message_id text,
  tool_calls json,
  last_error json,
  expired_at bigint,
  cancelled_at bigint,
  failed_at bigint,
  completed_at bigint,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  metadata json not null
);
create index run_step_list on run_step (run_id, created_at, seq);
