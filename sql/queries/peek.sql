-- peek: when rows of the watch list are due, after a claim found none of them ready.
select id, reserved_at, available_at from {jobs} where id in ({ids:8}) and queue=?
and octet_length(payload)<={max}
