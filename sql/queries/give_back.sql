-- give_back: a reserved row as it was before the claim.
update {jobs} set reserved_at=null, attempts=attempts-1
where id=? and attempts=? and reserved_at=?
