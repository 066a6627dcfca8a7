-- failed_find: one failed job, by uuid or by id.
select id, {name} as name, connection, queue, payload, failed_at from {failed}
where {name}=? limit 1 {lock}
