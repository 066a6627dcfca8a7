-- read_all: as read, where every row is watched: those of others too, and nobody asks for
-- their classes.
select id, reserved_at, available_at,
case when {classes} then concat(if({sure}, 's', 'd'), crc32(payload)) end as what
from {jobs} where id in ({ids:100}) and queue=?
