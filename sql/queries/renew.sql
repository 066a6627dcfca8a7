-- renew: the reservation is moved to now, so that nobody takes the job for abandoned.
update {jobs} set reserved_at=? where id=? and attempts=? and reserved_at=?
