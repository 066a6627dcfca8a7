-- remove_free: what a released job left in the queue, where nobody has reserved it since.
delete from {jobs} where id=? and attempts=? and reserved_at is null
