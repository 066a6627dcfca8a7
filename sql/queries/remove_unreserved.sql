-- remove_unreserved: a row that claim has locked and that cannot be reserved, since its
-- `attempts` stands at the column's maximum.
delete from {jobs} where id=? and attempts=?
