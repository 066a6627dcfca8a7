-- remove: the row, if the reservation is still ours (the fence). First statement of
-- completing, releasing and failing: it is what may wait, and what may say no.
delete from {jobs} where id=? and attempts=? and reserved_at=?
