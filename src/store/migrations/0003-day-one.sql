-- Who asked, so that questions can be counted.
alter table incoming add column author text;
create index incoming_author on incoming (author, received_at);

-- Things that are said once, e.g. that a guest is not answered.
create table notice (
  key text primary key,
  at timestamptz not null default now()
);

-- How far a conversation's thread has been read: what was said later is read at the next question.
create table read_until (
  conversation text primary key,
  message_id text not null
);

-- What the reply says below the answer, e.g. which files were not read. Kept because files are read only once.
alter table turn add column notes jsonb not null default '[]';
