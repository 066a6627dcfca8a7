-- failed_read: the failed jobs of a page, without their exceptions, which may be long.
select id, {name} as name, connection, queue, payload, failed_at from {failed}
where id in ({ids:100}) order by id desc {lock}
