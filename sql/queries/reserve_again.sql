-- reserve_again: the reservation of a claim that was never committed, if nobody has changed
-- the row since it was read.
update {jobs} set reserved_at=?, attempts=? where id=? and attempts=? and reserved_at<=>?
