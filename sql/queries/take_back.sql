-- take_back: a row that nobody has at this moment, to complete it: its mail is out.
select * from {jobs} where id=? and (reserved_at is null or reserved_at<=?) {lock}
