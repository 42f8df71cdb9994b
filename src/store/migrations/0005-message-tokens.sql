-- What a message costs of a model's context, in tokens as runs/tokens.ts counts them; null until a thread that does
-- not fit whole is first read. A message that models may see no longer changes its content, so this stays true.
alter table message add column tokens integer;

-- The settings make the plan certain, as for visible_messages: one look-up per message, whatever the table's size.
create function keep_tokens(ids text[], counts integer[]) returns void language sql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  update message set tokens = counted.tokens
  from unnest(ids, counts) as counted (id, tokens) where message.id = counted.id
$$;
