-- What a person wants of a turn that is under way: its owner is told, and looks here.
alter table turn add column control text check (control in ('stop', 'drop'));

-- What people thought of an answer: the last word of each.
create table feedback (
  turn_id uuid not null references turn (id) on delete cascade,
  person text not null,
  value text not null check (value in ('good', 'bad')),
  at timestamptz not null default now(),
  primary key (turn_id, person)
);

-- The order of arrival, which is the order in which a conversation's messages are answered.
alter table incoming add column seq bigint generated always as identity;
