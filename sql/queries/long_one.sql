-- long_one: a candidate's payload that was too long to be sent with others.
select payload from {jobs} where id=? and octet_length(payload)<=?
