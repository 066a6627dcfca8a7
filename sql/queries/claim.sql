-- claim: the first ready row of at most eight that the watch list names, locked by
-- primary key. The two conditions are Laravel's. A payload that grew since it was read is
-- not asked for: the answer would be longer than the session takes.
select * from {jobs} force index (primary)
where id in ({ids:8}) and queue=?
and ((reserved_at is null and available_at<=?) or reserved_at<=?)
and octet_length(payload)<={max}
order by id limit 1 {lock}
