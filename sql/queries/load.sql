-- load: a reserved row, by its fence.
select * from {jobs} where id=? and attempts=? and reserved_at=?
