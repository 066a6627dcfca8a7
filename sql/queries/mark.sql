-- mark: what tells, of a row that a claim refused, whether it has changed since.
select crc32(payload) as mark from {jobs} where id=?
