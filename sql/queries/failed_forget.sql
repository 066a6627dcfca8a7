-- failed_forget: one failed job, by uuid or by id.
delete from {failed} where {name}=?
