-- claim: the first ready row of at most eight that the watch list names, locked by
-- primary key. The two conditions are Laravel's.
select * from {jobs} force index (primary)
where id in ({ids:8}) and queue=?
and ((reserved_at is null and available_at<=?) or reserved_at<=?)
order by id limit 1 {lock}
