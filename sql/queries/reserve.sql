-- reserve: the row that claim has locked is ours.
update {jobs} set reserved_at=?, attempts=? where id=?
