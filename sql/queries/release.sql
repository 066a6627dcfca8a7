-- release: a reserved row is free again, attempts kept. For a row that may not be deleted,
-- or whose successor the server refuses.
update {jobs} set reserved_at=null, available_at=?
where id=? and attempts=? and reserved_at=?
