-- peek: when rows of the watch list are due, after a claim found none of them ready.
-- too_long: the mark of a payload that no claim asks for.
select id, reserved_at, available_at,
if(octet_length(payload)<={max}, null, crc32(payload)) as too_long
from {jobs} where id in ({ids:8}) and queue=?
