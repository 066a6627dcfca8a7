-- screen: candidates of whom it is not known that they are ours, read without a lock. An
-- empty text stands for a payload that is long (not '', which a mode of MariaDB reads as
-- null).
select id, crc32(payload) as mark,
if(octet_length(payload)<={inline}, payload, left('-', 0)) as payload
from {jobs} where id in ({ids:100}) and queue=?
