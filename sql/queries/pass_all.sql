-- pass_all: every row of a page, in the first pass and in the sweep. Columns as in read_all.
select id, reserved_at, available_at,
case when {classes} then concat(if({sure}, 's', 'd'), crc32(payload)) end as what
from {jobs} force index ({walk}) where queue=? and id>? and id<=?
