-- sweep: candidates of a page, in the slow sweep for what the looks missed.
select id, reserved_at, available_at, payload
from {jobs} where queue=? and id>? and id<=? and ({classes})
