-- take_back: a row that nobody has at this moment, to complete it: its mail is out.
-- Whoever holds its lock may be about to free it.
select * from {jobs} where id=? and (reserved_at is null or reserved_at<=?) for update
