-- pass: candidates of a page in the first pass over a queue. `sure`: the payload says whose
-- it is where Laravel says that.
select id, reserved_at, available_at, {sure} as sure
from {jobs} force index ({walk}) where queue=? and id>? and id<=? and ({classes})
